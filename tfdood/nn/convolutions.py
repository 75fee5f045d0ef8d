"""Convolutions whose outputs are normalised, and sub-pixel convolutions.

A block is a convolution, then CELU or ReLU, then a normalisation over all
positions and channels of an image. Kernels and biases start uniform in
+-1 / sqrt(fan_in). Source: Jiang and Ahn, 2020, App. D.
"""

import math
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdood.nn import mlp

NORM_EPSILON = 1e-5
"""Is added to the variance of a normalisation."""


def convolution(
    num_inputs: int,
    filters: int,
    kernel: int,
    stride: int = 1,
    bias: float | None = None,
    activation: str | None = None,
    *,
    use_bias: bool = True,
) -> keras.layers.Conv2D:
    """Makes a convolution that keeps the size of images, divided by its stride.

    Args:
        num_inputs: channels of the input.
        filters: channels of the output.
        kernel: height and width of the kernel.
        stride: steps of the kernel along each axis.
        bias: the initial bias; random by default.
        activation: name of a Keras activation; linear by default.
        use_bias: whether it adds a bias.

    Returns:
        The layer, with weights.
    """
    fan_in = kernel**2 * num_inputs
    layer = keras.layers.Conv2D(
        filters,
        kernel,
        stride,
        "same",
        activation=activation,
        use_bias=use_bias,
        kernel_initializer=mlp.fan_in_uniform(fan_in),
        bias_initializer=mlp.fan_in_uniform(fan_in)
        if bias is None
        else keras.initializers.Constant(bias),
    )
    layer.build((None, None, None, num_inputs))
    return layer


class Block(keras.layers.Layer):
    """A convolution, an activation, and a GroupNorm of one group.

        y = norm(activation(shuffle(conv(x))))

    `shuffle` makes `factor**2` channels into `factor x factor` pixels (a
    sub-pixel convolution). CELU with alpha = 1 equals ELU.
    """

    def __init__(
        self,
        num_inputs: int,
        filters: int,
        kernel: int,
        stride: int = 1,
        factor: int = 1,
        activation: Callable[[tf.Tensor], tf.Tensor] = tf.nn.elu,
    ) -> None:
        """Makes a block.

        Args:
            num_inputs: channels of the input.
            filters: channels of the output.
            kernel: height and width of the kernel.
            stride: steps of the kernel along each axis.
            factor: how much larger the shuffle makes height and width.
            activation: CELU by default.
        """
        super().__init__()
        self.factor = factor
        self.activation = activation
        self.convolution = convolution(
            num_inputs, filters * factor**2, kernel, stride
        )
        self.norm = keras.layers.GroupNormalization(1, epsilon=NORM_EPSILON)
        self.norm.build((None, None, None, filters))
        self.built = True

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Maps `[N, H, W, num_inputs]` to `[N, H', W', filters]`."""
        features = self.convolution(images)
        if self.factor > 1:
            features = tf.nn.depth_to_space(features, self.factor)
        return self.norm(self.activation(features))


class SubPixelDecoder(keras.layers.Layer):
    """Makes images of vectors, or of maps, by sub-pixel convolutions.

    The last layer is a bare convolution.
    """

    def __init__(
        self,
        num_inputs: int,
        filters: Sequence[int],
        kernels: Sequence[int],
        factors: Sequence[int],
        bias: float | None = None,
        activation: Callable[[tf.Tensor], tf.Tensor] = tf.nn.elu,
    ) -> None:
        """Makes a decoder.

        Args:
            num_inputs: size of the vectors, or channels of the maps.
            filters: channels of the output of each layer.
            kernels: height and width of the kernel of each layer.
            factors: how much larger each layer makes height and width.
            bias: the initial bias of the last layer; random by default.
            activation: of all layers but the last one; CELU by default.
        """
        super().__init__()
        sizes = [num_inputs, *filters[:-1]]
        *rows, last = zip(sizes, filters, kernels, factors, strict=True)
        self.blocks = [
            Block(inputs, count, kernel, factor=factor, activation=activation)
            for inputs, count, kernel, factor in rows
        ]
        inputs, self.num_channels, kernel, self.factor = last
        self.last = convolution(
            inputs, self.num_channels * self.factor**2, kernel, bias=bias
        )
        self.built = True

    def call(self, codes: tf.Tensor) -> tf.Tensor:
        """Maps vectors or maps to images.

        Args:
            codes: `[N, num_inputs]`, or `[N, G, G, num_inputs]`.

        Returns:
            `[N, S, S, C]`; `S` is the product of all factors, times `G`.
        """
        is_map = codes.shape.rank > 2
        features = codes if is_map else codes[:, tf.newaxis, tf.newaxis]
        for block in self.blocks:
            features = block(features)
        features = self.last(features)
        if self.factor > 1:
            features = tf.nn.depth_to_space(features, self.factor)
        return features


def factors(size: int, largest: Sequence[int], name: str) -> list[int]:
    """Splits the size of an image into the factors of a decoder's layers.

    Args:
        size: height and width of the image in pixels.
        largest: the largest factor of each layer; the first layers have these.
        name: of the setting with the size, for the error.

    Returns:
        As many factors as layers; their product is the size.

    Raises:
        ValueError: If there are no such factors.
    """
    found, left = [], size
    for factor in largest:
        found.append(math.gcd(factor, left))
        left //= found[-1]
    if left > 1:
        raise ValueError(
            f"{name} must be a power of two of at most {math.prod(largest)} "
            f"pixels for this decoder, got {size}."
        )
    return found
