"""The encoders of images and of glimpses, and the empty encoder."""

import tensorflow as tf

from tfdood.nn import paper_encoder, patch_encoder
from tfdood.settings.architectures import EncodedModel, SequenceModel


class NoEncoder:
    """Ignores its input: maps images `[N, ...]` to embeddings `[N, 0]`."""

    def __call__(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Returns empty embeddings `[N, 0]` of images `[N, ...]`."""
        return tf.zeros([tf.shape(images)[0], 0])


ImageEncoder = paper_encoder.PaperEncoder | patch_encoder.PatchEncoder
Encoder = ImageEncoder | NoEncoder


def of_size(settings: EncodedModel, size: int, count: int = 1) -> ImageEncoder:
    """Builds an encoder, with new weights.

    Args:
        settings: gives the kind and the width.
        size: `H = W` of the images, in pixels.
        count: number of images that are encoded together; more than 1 for the
            kind `patches` only.

    Raises:
        ValueError: If the size does not suit the kind.
    """
    if settings.encoder == "patches":
        return patch_encoder.PatchEncoder(size, settings.width, count)
    return paper_encoder.PaperEncoder(
        size, settings.width, settings.encoder_dropout
    )


def build(settings: SequenceModel) -> tuple[ImageEncoder, ImageEncoder]:
    """Builds the encoders of images and of glimpses, with new weights.

    Args:
        settings: gives the kind, the width and the two image sizes.

    Returns:
        The encoder of images and the encoder of glimpses; both are the same
        layer if `glimpse_size` equals `image_size`.
    """
    of_images = of_size(settings, settings.image_size)
    if settings.glimpse_size == settings.image_size:
        return of_images, of_images
    return of_images, of_size(settings, settings.glimpse_size)
