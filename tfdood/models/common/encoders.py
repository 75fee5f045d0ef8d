"""The image encoders: of whole images, of glimpses, and of nothing."""

import tensorflow as tf

from tfdood.nn import encoders as encoders_lib
from tfdood.settings.schema import SequenceModel


class NoEncoder:
    """Sees nothing: embeds `[N, ...]` as `[N, 0]`."""

    def __call__(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """The empty embedding of images."""
        return tf.zeros([tf.shape(images)[0], 0])


Encoder = encoders_lib.ImageEncoder | NoEncoder


def build(
    settings: SequenceModel,
) -> tuple[encoders_lib.ImageEncoder, encoders_lib.ImageEncoder]:
    """Fresh encoders of images and of glimpses, the same if of one size."""

    def encoder(size: int) -> encoders_lib.ImageEncoder:
        return encoders_lib.ImageEncoder(
            settings.encoder, size, settings.width, settings.encoder_dropout
        )

    of_images = encoder(settings.image_size)
    if settings.glimpse_size == settings.image_size:
        return of_images, of_images
    return of_images, encoder(settings.glimpse_size)
