"""An image encoder of dense layers only, for fast training on CPUs."""

import keras
import tensorflow as tf

from tfdood.nn import mlp

_CELLS = 5  # along each axis
_PATCHES = 10  # along each axis; 2 x 2 patches make a cell
_PATCH_FILTERS, _CELL_FILTERS = 16, 32


class PatchEncoder(keras.layers.Layer):
    """Encodes patches, then cells of 2 x 2 patches, then the whole image.

        patches [N, 10, 10, h w C] -> [N, 10, 10, 16]   dense, ReLU
        cells   [N, 5, 5, 4 * 16]  -> [N, 5, 5, 32]     dense, ReLU
        image   [N, 5 * 5 * 32]    -> [N, width]        dense, tanh

    All patches have the same weights, and so have all cells.
    """

    def __init__(self, image_size: int, width: int, channels: int = 1) -> None:
        """Makes an encoder.

        Args:
            image_size: `H = W` in pixels, a multiple of 10.
            width: size of the embedding.
            channels: `C`.

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
        self.image_shape = tf.TensorShape([image_size, image_size, channels])
        self.patch_size = image_size // _PATCHES
        self.patches = mlp.dense(
            self.patch_size**2 * channels, _PATCH_FILTERS, "relu"
        )
        self.cells = mlp.dense(4 * _PATCH_FILTERS, _CELL_FILTERS, "relu")
        self.image = mlp.dense(_CELLS**2 * _CELL_FILTERS, width, "tanh")
        self.built = True

    def call(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Maps images to embeddings.

        Args:
            images: `[N, H, W, C]`.
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
        size, channels = self.patch_size, self.image_shape[-1]
        # Rows and columns are split into cells, patches and pixels.
        axes = [_CELLS, _PATCHES // _CELLS, size]
        pixels = tf.reshape(images, [-1, *axes, *axes, channels])
        pixels = tf.transpose(pixels, [0, 1, 4, 2, 5, 3, 6, 7])
        patches = self.patches(tf.reshape(pixels, [-1, size**2 * channels]))
        cells = self.cells(tf.reshape(patches, [-1, 4 * _PATCH_FILTERS]))
        return self.image(tf.reshape(cells, [-1, _CELLS**2 * _CELL_FILTERS]))
