"""Collages: several drawings in one image, to train the recognition model.

If the drawings of a dataset need three strokes, the residual is empty at all
steps from the fourth on. The recognition model then learns to draw nothing at
these steps, even for other drawings that need more strokes. Therefore some
images of each batch are replaced by collages of two drawings:

- All `T` strokes of a collage are inferred and drawn.
- q(presence) also learns from collages when to stop.
- The prior does not learn from collages.
- Collages have ink at pixels where the drawings of the dataset have none, and
  the pixel scale may be tiny there. Their likelihood therefore uses the pixel
  scale of the learning signal of the presence.
"""

import math

import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.types import Parse

_LOWEST = (-0.4, -0.4, 0.5, -0.25 * math.pi)
_HIGHEST = (0.4, 0.4, 1.5, 0.25 * math.pi)


def collages(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Makes collages of drawings that are moved at random.

        collage = max_i warp(image_i, layout_i),   layout_i ~ uniform

    The layouts have shifts in [-0.4, 0.4] half image widths, scales in
    [0.5, 1.5] and rotations in [-pi / 4, pi / 4] radians.

    Args:
        images: `[..., N, H, W, 1]` in [0, 1]. The leading dimensions `...`, at
            least one, are those of the drawings of each of the `N` collages.
        seed: int32 `[2]`.

    Returns:
        `[N, H, W, 1]` in [0, 1], the maximum over the drawings at each pixel.
    """
    layout = tf.random.stateless_uniform(
        tf.concat([tf.shape(images)[:-3], [4]], 0), seed
    )
    layout = layout * (tf.constant(_HIGHEST) - _LOWEST) + _LOWEST
    affine = affine_lib.from_layout(layout)
    placed = warp_lib.warp(images, affine)
    return tf.reduce_max(placed, range(len(images.shape) - 4))


def losses(parse: Parse, log_likelihood: tf.Tensor) -> tf.Tensor:
    """Computes the negative ELBO of collages under a flat prior.

        -log p(x | z_1..T) + sum_t log q(z_t)

    where `z_t` is the layout and the stroke's latent of step `t`.

    Args:
        parse: a parse with all strokes present, leading dimensions `[P, B]`.
        log_likelihood: `[P, B]`, log p(x | z_1..T) in nats.

    Returns:
        `[P, B]`, in nats.
    """
    log_q = parse.log_posterior.layout + parse.log_posterior.stroke
    return tf.reduce_sum(log_q, -1) - log_likelihood
