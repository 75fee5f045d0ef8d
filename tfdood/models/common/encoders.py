"""The encoders of images and of glimpses, and the empty encoder."""

import tensorflow as tf

from tfdood.nn import encoders as encoders_lib
from tfdood.settings.architectures import SequenceModel


class NoEncoder:
    """Ignores its input: maps images `[N, ...]` to embeddings `[N, 0]`."""

    def __call__(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Returns empty embeddings `[N, 0]` of images `[N, ...]`."""
        return tf.zeros([tf.shape(images)[0], 0])


Encoder = encoders_lib.ImageEncoder | NoEncoder


def build(
    settings: SequenceModel,
) -> tuple[encoders_lib.ImageEncoder, encoders_lib.ImageEncoder]:
    """Builds the encoders of images and of glimpses, with new weights.

    Args:
        settings: gives the kind, the width and the two image sizes.

    Returns:
        The encoder of images and the encoder of glimpses; both are the same
        layer if `glimpse_size` equals `image_size`.
    """

    def encoder(size: int) -> encoders_lib.ImageEncoder:
        return encoders_lib.ImageEncoder(
            settings.encoder, size, settings.width, settings.encoder_dropout
        )

    of_images = encoder(settings.image_size)
    if settings.glimpse_size == settings.image_size:
        return of_images, of_images
    return of_images, encoder(settings.glimpse_size)
