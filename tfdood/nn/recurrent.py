"""Recurrent cells."""

import keras

from tfdood.nn import mlp


def gru(num_inputs: int, width: int) -> keras.layers.GRUCell:
    """Makes a gated recurrent unit.

        z = sigmoid(x W_z + b_z + h U_z + c_z)
        r = sigmoid(x W_r + b_r + h U_r + c_r)
        n = tanh(x W_n + b_n + r (h U_n + c_n))
        h <- z h + (1 - z) n

    All weights start uniform in +-1 / sqrt(width), as in the authors' code.

    Args:
        num_inputs: size of the input.
        width: size of the state.

    Returns:
        The cell, with weights; call it on `[N, num_inputs]` and `[N, width]`.
    """
    cell = keras.layers.GRUCell(
        width,
        kernel_initializer=mlp.fan_in_uniform(width),
        recurrent_initializer=mlp.fan_in_uniform(width),
        bias_initializer=mlp.fan_in_uniform(width),
    )
    cell.build((None, num_inputs))
    return cell
