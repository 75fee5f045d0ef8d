"""Dense layers and multilayer perceptrons.

As in the authors' code, initial kernels and biases are uniform in
[-1 / sqrt(fan_in), 1 / sqrt(fan_in)], except for an output layer with an
initial bias of its own.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf


def fan_in_uniform(fan_in: int) -> keras.initializers.Initializer:
    """Makes an initialiser: uniform in +-1 / sqrt(fan_in).

    Args:
        fan_in: number of inputs of a unit.

    Returns:
        The initialiser.
    """
    limit = fan_in**-0.5
    return keras.initializers.RandomUniform(-limit, limit)


def dense(
    num_inputs: int,
    units: int,
    activation: str | Callable[[tf.Tensor], tf.Tensor] | None = None,
) -> keras.layers.Dense:
    """Makes a dense layer; kernel and bias start as `fan_in_uniform`.

    Args:
        num_inputs: size of the last axis of the input.
        units: size of the last axis of the output.
        activation: name of a Keras activation, or a function; linear by
            default.

    Returns:
        The layer, with weights.
    """
    layer = keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=fan_in_uniform(num_inputs),
        bias_initializer=fan_in_uniform(num_inputs),
    )
    layer.build((None, num_inputs))
    return layer


class MLP(keras.layers.Layer):
    """Hidden tanh layers and a linear output layer (paper, App. B.3)."""

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        width: int,
        num_hidden: int = 2,
        output_bias: Sequence[float] | None = None,
    ) -> None:
        """Makes a multilayer perceptron.

        Args:
            num_inputs: size of the last axis of the input.
            num_outputs: size of the last axis of the output.
            width: number of units of each hidden layer.
            num_hidden: number of hidden layers.
            output_bias: `[num_outputs]`, initial bias of the output layer. If
                given, the initial kernel of the output layer is zero, so that
                all outputs are equal to this bias before training.
        """
        super().__init__()
        sizes = [num_inputs] + [width] * num_hidden
        self.hidden = [
            dense(fan_in, units, "tanh")
            for fan_in, units in zip(sizes, sizes[1:], strict=False)
        ]
        if output_bias is None:
            self.output_layer = dense(width, num_outputs)
        else:
            bias = np.broadcast_to(output_bias, [num_outputs])
            self.output_layer = keras.layers.Dense(
                num_outputs,
                kernel_initializer="zeros",
                bias_initializer=lambda shape, dtype: tf.constant(bias, dtype),
            )
            self.output_layer.build((None, width))
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Maps `[..., num_inputs]` to `[..., num_outputs]`."""
        for layer in self.hidden:
            inputs = layer(inputs)
        return self.output_layer(inputs)
