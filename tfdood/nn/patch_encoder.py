"""An image encoder of dense layers only, for fast training on CPUs."""

import keras
import tensorflow as tf

from tfdood.nn import mlp

_CELLS = 5  # along each axis
_PATCHES = 10  # along each axis; 2 x 2 patches make a cell
_PATCH_FILTERS, _CELL_FILTERS = 16, 32


class PatchEncoder(keras.layers.Layer):
    """Encodes patches, then cells of 2 x 2 patches, then the whole image.

        patches [N, 10, 10, C h w] -> [N, 10, 10, 16]   dense, ReLU
        cells   [N, 5, 5, 4 * 16]  -> [N, 5, 5, 32]     dense, ReLU
        image   [N, 5 * 5 * 32]    -> [N, width]        dense, tanh

    All patches have the same weights, and so have all cells. `C` images may be
    encoded together, such as two glimpses of the same place.
    """

    def __init__(self, image_size: int, width: int, count: int = 1) -> None:
        """Makes an encoder.

        Args:
            image_size: `H = W` in pixels, a multiple of 10.
            width: size of the embedding.
            count: `C`, the number of images that are encoded together.

        Raises:
            ValueError: If `image_size` is not a multiple of 10.
        """
        super().__init__()
        if image_size % _PATCHES:
            raise ValueError(
                f"The encoder patches divides each axis of an image into "
                f"{_PATCHES} patches, got {image_size} pixels; choose a "
                f"multiple of {_PATCHES}."
            )
        shape = [image_size, image_size, 1]
        self.image_shape = tf.TensorShape(
            shape if count == 1 else [count, *shape]
        )
        self.count = count
        self.patch_size = image_size // _PATCHES
        self.patches = mlp.dense(
            self.patch_size**2 * count, _PATCH_FILTERS, "relu"
        )
        self.cells = mlp.dense(4 * _PATCH_FILTERS, _CELL_FILTERS, "relu")
        self.image = mlp.dense(_CELLS**2 * _CELL_FILTERS, width, "tanh")
        self.built = True

    def call(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Maps images to embeddings.

        Args:
            images: `[N, H, W, 1]`, or `[N, C, H, W, 1]` if `C` exceeds 1.
            dropout_seed: not used; this encoder has no dropout.

        Returns:
            `[N, width]`, in (-1, 1).

        Raises:
            ValueError: If the images have another shape.
        """
        del dropout_seed
        if not self.image_shape.is_compatible_with(images.shape[1:]):
            raise ValueError(
                f"Images must be [N, {', '.join(map(str, self.image_shape))}], "
                f"got {images.shape}."
            )
        parts = [images] if self.count == 1 else tf.unstack(images, axis=1)
        pixels = tf.concat([self._split(part) for part in parts], -1)
        patches = self.patches(pixels)
        cells = self.cells(tf.reshape(patches, [-1, 4 * _PATCH_FILTERS]))
        return self.image(tf.reshape(cells, [-1, _CELLS**2 * _CELL_FILTERS]))

    def _split(self, images: tf.Tensor) -> tf.Tensor:
        """Lists the patches of images, cell by cell, `[N * 10 * 10, h w]`."""
        # Rows of cells are rows of the first axis: LiteRT has six axes at most.
        axes = [_PATCHES // _CELLS, self.patch_size]
        pixels = tf.reshape(images, [-1, *axes, _CELLS, *axes])
        pixels = tf.transpose(pixels, [0, 3, 1, 4, 2, 5])
        return tf.reshape(pixels, [-1, self.patch_size**2])
