"""Networks without knowledge of drawings: image encoders and MLPs.

Weights start as the paper's code had them, uniform in +-1 / sqrt(fan_in),
for kernels and biases alike, unless an output layer is given its bias.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

_MIN_STD = 1e-6
_BYTES = 256  # how many there are


def fan_in_uniform(fan_in: int) -> keras.initializers.Initializer:
    """Uniform initial weights in +-1 / sqrt(fan_in)."""
    limit = fan_in**-0.5
    return keras.initializers.RandomUniform(-limit, limit)


def bounded(logits: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Squashes logits into (low, high): `low + (high - low) * sigmoid(x)`."""
    return low + (high - low) * tf.sigmoid(logits)


def gaussian_parameters(
    loc: tf.Tensor,
    scale: tf.Tensor,
    shear: tf.Tensor,
    low: tf.Tensor | float,
    high: tf.Tensor | float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Squashes logits into the parameters of a `CorrelatedNormal`.

    Args:
        loc: `[..., D]`, logits of the means, which end up in (low, high).
        scale: `[..., D]`, logits of the standard deviations, in (1e-6, 1).
        shear: `[...]`, logits of the shear, in (-1, 1).
        low: broadcasts with `loc`.
        high: broadcasts with `loc`.

    Returns:
        The three parameters, of the same shapes.
    """
    return (
        bounded(loc, low, high),
        bounded(scale, _MIN_STD, 1.0),
        bounded(shear, -1.0, 1.0),
    )


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


def gru(num_inputs: int, width: int) -> keras.layers.GRUCell:
    """A recurrent cell whose weights are uniform in its width."""
    init = fan_in_uniform(width)
    cell = keras.layers.GRUCell(
        width,
        kernel_initializer=init,
        recurrent_initializer=init,
        bias_initializer=init,
    )
    cell.build((None, num_inputs))
    return cell


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


def dropout(features: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Zeroes features at random, scaling the others to keep the mean.

    A random byte decides on each feature: random numbers are what dropout
    spends its time on, and an integer gives four.

    Args:
        features: `[..., C]`, C a multiple of 4.
        rate: of features to zero, in [0, 1); rounded to a multiple of 1 / 256.
        seed: int32 `[2]`.

    Returns:
        The same shape.
    """
    shape = tf.shape(features)
    integers = tf.random.stateless_uniform(
        tf.concat([shape[:-1], shape[-1:] // 4], 0),
        seed,
        minval=None,
        maxval=None,
        dtype=tf.int32,
        alg="philox",
    )
    random_bytes = tf.reshape(tf.bitcast(integers, tf.uint8), shape)
    num_dropped = min(round(rate * _BYTES), _BYTES - 1)
    kept = tf.cast(random_bytes >= num_dropped, features.dtype)
    return features * (kept * (_BYTES / (_BYTES - num_dropped)))


_PAPER_FILTERS = [8, 16]
_PATCHES = 10  # an axis
_PATCH_FILTERS = 32


class ImageEncoder(keras.layers.Layer):
    """Convolutions, flattened to keep positions, then two dense layers.

    `paper` (App. B.3): two 3x3 convolutions at full resolution, dropout.
    `compact`: 10 x 10 patches, each embedded by itself, then one 3x3
    convolution of stride 2; a twentieth of the arithmetic.

    Args:
        kind: `paper` or `compact`.
        image_size: height and width of the images; a multiple of 10 for
            `compact`.
        width: size of the embedding.
        dropout: rate of dropout on the feature map, for `paper`.
    """

    def __init__(self, kind: str, image_size: int, width: int, dropout: float):
        super().__init__()
        self.image_shape = tf.TensorShape([image_size, image_size, 1])
        if kind == "paper":
            self.patch_size, self.dropout = None, dropout
            self.convolutions, shape = _convolutions(
                (None, image_size, image_size, 1),
                [(filters, 1, "valid") for filters in _PAPER_FILTERS],
            )
        elif kind == "compact":
            if image_size % _PATCHES:
                raise ValueError(
                    f"The compact encoder cuts an image into {_PATCHES} "
                    f"patches an axis, got images of {image_size} pixels; "
                    f"choose a multiple of {_PATCHES}."
                )
            self.patch_size, self.dropout = image_size // _PATCHES, 0.0
            self.patch_embedding = dense(
                self.patch_size**2, _PATCH_FILTERS, "relu"
            )
            self.convolutions, shape = _convolutions(
                (None, _PATCHES, _PATCHES, _PATCH_FILTERS),
                [(_PATCH_FILTERS, 2, "same")],
            )
        else:
            raise ValueError(
                f"Unknown encoder {kind!r}; choose from ['compact', 'paper']."
            )
        self.num_features = int(np.prod(shape[1:]))
        self.hidden = dense(self.num_features, width, "tanh")
        self.output_layer = dense(width, width)
        self.built = True

    def call(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Embeds images `[N, H, W, 1]` as `[N, width]`.

        Args:
            images: `[N, H, W, 1]`.
            dropout_seed: int32 `[2]`; without it nothing is dropped.

        Raises:
            ValueError: If the images have another shape.
        """
        if not self.image_shape.is_compatible_with(images.shape[1:]):
            raise ValueError(
                f"Images must be [N, {', '.join(map(str, self.image_shape))}], "
                f"got {images.shape}."
            )
        images = tf.ensure_shape(images, [None, *self.image_shape])
        features = images
        if self.patch_size is not None:
            # Less than half of the time of tf.nn.space_to_depth.
            cells = [_PATCHES, self.patch_size, _PATCHES, self.patch_size]
            patches = tf.transpose(
                tf.reshape(images, [-1, *cells]), [0, 1, 3, 2, 4]
            )
            patches = tf.reshape(patches, [-1, self.patch_size**2])
            features = tf.reshape(
                self.patch_embedding(patches),
                [-1, _PATCHES, _PATCHES, _PATCH_FILTERS],
            )
        for layer in self.convolutions:
            features = layer(features)
        if dropout_seed is not None and self.dropout:
            features = dropout(features, self.dropout, dropout_seed)
        features = tf.reshape(features, [-1, self.num_features])
        return self.output_layer(self.hidden(features))


def _convolutions(shape, specs):
    """3x3 convolutions, and the shape of what comes out of them.

    Args:
        shape: of the input.
        specs: filters, stride and padding of each.
    """
    layers = []
    for filters, stride, padding in specs:
        init = fan_in_uniform(9 * shape[-1])
        layer = keras.layers.Conv2D(
            filters,
            3,
            stride,
            padding,
            activation="relu",
            kernel_initializer=init,
            bias_initializer=init,
        )
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
        layers.append(layer)
    return layers, shape
