"""Recurrent cells."""

import keras

from tfdood.nn import mlp


def gru(num_inputs: int, width: int) -> keras.layers.GRUCell:
    """A recurrent cell whose weights are uniform in its width."""
    init = mlp.fan_in_uniform(width)
    cell = keras.layers.GRUCell(
        width,
        kernel_initializer=init,
        recurrent_initializer=init,
        bias_initializer=init,
    )
    cell.build((None, num_inputs))
    return cell
