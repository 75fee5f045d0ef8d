"""From the latents of a scene to its image.

Without colours, the image is the sum of its objects. With colours, near
objects hide far ones, and all of them the background:

    m_k = z_pres,k place(alpha_k),  w_k = place(alpha_k z_pres,k sigmoid(-d_k))
    image = sum_k m_k o_k w_k / sum_j w_j + (1 - min(1, sum_k m_k)) background

Source: Jiang and Ahn, 2020, Algorithm 2, with the products of the authors'
code.
"""

import keras
import tensorflow as tf

from tfdood.drawing import placement as placement_lib
from tfdood.models.gnm import cells as cells_lib
from tfdood.nn import convolutions
from tfdood.settings.scenes import Gnm

OPAQUE = 0.9
"""The mask of the objects at all pixels while `is_opaque` is true."""

_EPSILON = 1e-15
_PLAIN_FILTERS = (64, 64, 32, 16, 8)
_COLOUR_FILTERS = (128, 64, 32, 16, 8)
_PLAIN_KERNELS = (1, 1, 1, 1, 3, 3)
_COLOUR_KERNELS = (3, 3, 3, 3, 3, 3)


class ObjectDecoder(keras.layers.Layer):
    """Decodes z_what to the picture of an object."""

    def __init__(self, settings: Gnm) -> None:
        """Makes the decoder.

        Args:
            settings: the architecture.

        Raises:
            ValueError: If `object_size` is not a power of two, or is larger
                than the decoder's layers can make it.
        """
        super().__init__()
        self.settings = settings
        if settings.in_colour:
            filters, kernels = (*_COLOUR_FILTERS, 4), _COLOUR_KERNELS
            largest = [2] * len(kernels)
        else:
            filters, kernels = (*_PLAIN_FILTERS, 1), _PLAIN_KERNELS
            largest = [4] + [2] * (len(kernels) - 1)
        self.decoder = convolutions.SubPixelDecoder(
            settings.what_size,
            filters,
            kernels,
            convolutions.factors(
                settings.object_size, largest, "model.object_size"
            ),
            bias=settings.object_bias,
        )
        self.built = True

    def call(self, what: tf.Tensor) -> tf.Tensor:
        """Maps `[N, K, D]` to `[N, K, S, S, C]` in [0, 1].

        With colours, the last channel is the alpha value.
        """
        settings, size = self.settings, self.settings.object_size
        codes = tf.reshape(what, [-1, settings.what_size])
        pictures = tf.sigmoid(self.decoder(codes))
        channels = self.decoder.num_channels
        return tf.reshape(
            pictures, [-1, settings.num_cells, size, size, channels]
        )


def add_objects(
    objects: tf.Tensor, latents: cells_lib.CellLatents, settings: Gnm
) -> tf.Tensor:
    """Makes an image as the sum of its objects.

    Args:
        objects: `[N, K, s, s, 1]` in [0, 1].
        latents: of the cells, leading dimension `[N]`.
        settings: the architecture.

    Returns:
        `[N, S, S, 1]`; more than 1 where objects overlap.
    """
    place = cells_lib.placement(latents.where, settings.grid_size)
    return placement_lib.compose(
        objects[..., 0], place, latents.presence, settings.image_size
    )


def cover(
    objects: tf.Tensor,
    latents: cells_lib.CellLatents,
    background: tf.Tensor,
    settings: Gnm,
    is_opaque: tf.Tensor | bool = False,
) -> tf.Tensor:
    """Makes an image in which near objects hide far ones.

    Args:
        objects: `[N, K, s, s, 4]` in [0, 1], three colours and alpha.
        latents: of the cells, leading dimension `[N]`.
        background: `[N, S, S, 3]` in [0, 1].
        settings: the architecture.
        is_opaque: whether objects cover `OPAQUE` of every pixel; scalar.

    Returns:
        `[N, S, S, 3]` in [0, 1]; up to 1.1 with `is_opaque`.
    """
    present = latents.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
    colours, alpha = objects[..., :3], objects[..., 3:] * present
    nearness = tf.sigmoid(-latents.depth)[..., tf.newaxis, tf.newaxis]
    place = cells_lib.placement(latents.where, settings.grid_size)
    placed = placement_lib.place(
        tf.concat([alpha * colours, alpha * nearness, alpha], -1),
        place,
        settings.image_size,
    )
    colours, weights, alpha = tf.split(placed, [3, 1, 1], -1)
    weights /= tf.reduce_sum(weights, 1, keepdims=True) + _EPSILON
    foreground = tf.reduce_sum(colours * weights, 1)
    mask = tf.reduce_sum(alpha, 1)
    # Where the limit is exceeded, the gradient is that of the mask itself.
    mask += tf.stop_gradient(tf.minimum(mask, 1.0) - mask)
    mask = tf.where(is_opaque, OPAQUE, mask)
    return foreground + (1.0 - mask) * background
