"""Multilayer perceptrons with CELU and normalised layers."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfdood.nn import convolutions, mlp


class NormalisedMLP(keras.layers.Layer):
    """Dense layers, each with CELU and a LayerNorm after it.

        y = norm(celu(x W + b))

    Source: Jiang and Ahn, 2020, App. D.
    """

    def __init__(
        self, num_inputs: int, sizes: Sequence[int], *, is_last_bare: bool
    ) -> None:
        """Makes a multilayer perceptron.

        Args:
            num_inputs: size of the last axis of the input.
            sizes: number of units of each layer.
            is_last_bare: whether the last layer has no CELU and no norm.
        """
        super().__init__()
        inputs = [num_inputs, *sizes[:-1]]
        self.dense = [
            mlp.dense(*pair) for pair in zip(inputs, sizes, strict=True)
        ]
        self.norms = []
        for size in sizes[:-1] if is_last_bare else sizes:
            norm = keras.layers.LayerNormalization(
                epsilon=convolutions.NORM_EPSILON
            )
            norm.build((None, size))
            self.norms.append(norm)
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Maps `[N, num_inputs]` to `[N, sizes[-1]]`."""
        for dense, norm in zip(self.dense, self.norms, strict=False):
            inputs = norm(tf.nn.elu(dense(inputs)))
        if len(self.norms) < len(self.dense):
            inputs = self.dense[-1](inputs)
        return inputs
