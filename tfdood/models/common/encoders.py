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
    config: SequenceModel,
) -> tuple[encoders_lib.ImageEncoder, encoders_lib.ImageEncoder]:
    """Fresh encoders of images and of glimpses, the same if of one size."""

    def encoder(size):
        return encoders_lib.ImageEncoder(
            config.encoder, size, config.width, config.encoder_dropout
        )

    of_images = encoder(config.image_size)
    if config.glimpse_size == config.image_size:
        return of_images, of_images
    return of_images, encoder(config.glimpse_size)
