"""Dense layers and multilayer perceptrons.

Weights start as the paper's code had them, uniform in +-1 / sqrt(fan_in),
for kernels and biases alike, unless an output layer is given its bias.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf


def fan_in_uniform(fan_in: int) -> keras.initializers.Initializer:
    """Uniform initial weights in +-1 / sqrt(fan_in)."""
    limit = fan_in**-0.5
    return keras.initializers.RandomUniform(-limit, limit)


def dense(
    num_inputs: int, units: int, activation: str | None = None
) -> keras.layers.Dense:
    """A dense layer whose kernel and bias are uniform in the fan-in."""
    layer = keras.layers.Dense(
        units,
        activation=activation,
        kernel_initializer=fan_in_uniform(num_inputs),
        bias_initializer=fan_in_uniform(num_inputs),
    )
    layer.build((None, num_inputs))
    return layer


class MLP(keras.layers.Layer):
    """Hidden tanh layers and a linear output (paper, App. B.3).

    Args:
        num_inputs: size of the input's last axis.
        num_outputs: size of the output's last axis.
        width: units of each hidden layer.
        num_hidden: number of hidden layers.
        output_bias: `[num_outputs]`; when given, the output layer starts with
            a zero kernel and this bias, so that it predicts it exactly.
    """

    def __init__(
        self,
        num_inputs: int,
        num_outputs: int,
        width: int,
        num_hidden: int = 2,
        output_bias: Sequence[float] | None = None,
    ):
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
