"""Image encoders: they map images to vectors."""

from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf

from tfdood.nn import dropout as dropout_lib
from tfdood.nn import mlp

_PAPER_FILTERS = [8, 16]
_PATCHES = 10  # along each axis
_PATCH_FILTERS = 32


class ImageEncoder(keras.layers.Layer):
    """Convolutions, then two dense layers on all positions and channels.

    `paper` (App. B.3): two 3x3 convolutions at full resolution, then dropout.
    `compact`: 10 x 10 patches with one dense layer for all of them, then one
    3x3 convolution of stride 2. It needs 1/20 of the arithmetic of `paper`.
    """

    def __init__(
        self, kind: str, image_size: int, width: int, dropout: float
    ) -> None:
        """Makes an encoder.

        Args:
            kind: `paper` or `compact`.
            image_size: `H = W` in pixels; `compact` needs a multiple of 10.
            width: size of the embedding.
            dropout: rate of dropout on the feature map, in [0, 1); for `paper`
                only.

        Raises:
            ValueError: If `kind` is unknown or `image_size` does not suit it.
        """
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
                    f"The compact encoder divides each axis of an image into "
                    f"{_PATCHES} patches, got {image_size} pixels; choose a "
                    f"multiple of {_PATCHES}."
                )
            self.patch_size, self.dropout = image_size // _PATCHES, 0.0
            self.patch_embedding = mlp.dense(
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
        self.hidden = mlp.dense(self.num_features, width, "tanh")
        self.output_layer = mlp.dense(width, width)
        self.built = True

    def call(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Maps images to embeddings.

        Args:
            images: `[N, H, W, 1]`.
            dropout_seed: int32 `[2]`; without it, there is no dropout.

        Returns:
            `[N, width]`.

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
            # Takes less than half of the time of tf.nn.space_to_depth.
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
            features = dropout_lib.dropout(features, self.dropout, dropout_seed)
        features = tf.reshape(features, [-1, self.num_features])
        return self.output_layer(self.hidden(features))


def _convolutions(
    shape: tuple[int | None, ...], specs: Iterable[tuple[int, int, str]]
) -> tuple[list[keras.layers.Conv2D], tuple[int | None, ...]]:
    """Makes 3x3 convolutions with ReLU.

    Args:
        shape: of the input, `(N, H, W, C)`.
        specs: number of filters, stride and padding of each convolution.

    Returns:
        The convolutions, and the shape of their output.
    """
    layers = []
    for filters, stride, padding in specs:
        init = mlp.fan_in_uniform(9 * shape[-1])
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
