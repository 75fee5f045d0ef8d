"""Exploration: drawings of other kinds, for the recognition model.

A model whose drawings need three strokes has no use for three more: at their
turn nothing is left to draw, and they learn to do nothing, also where drawings
of another kind leave them much. So a few drawings of each batch are replaced by
collages of two, all strokes of which are guessed and drawn, and at which the
presence learns, too, when to stop. The prior's heads learn nothing from them.
They have ink where other drawings have none, and the pixel scale may be tiny
there; so they are judged with the one of the presence's learning signal.
"""

import math

import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.types import Parse

_LOWEST = (-0.4, -0.4, 0.5, -0.25 * math.pi)
_HIGHEST = (0.4, 0.4, 1.5, 0.25 * math.pi)


def collages(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Overlays drawings, each shifted, scaled and turned at random.

    Args:
        images: `[..., N, H, W, 1]`, the drawings of `N` collages.
        seed: int32 `[2]`.

    Returns:
        `[N, H, W, 1]`, the brightest of the drawings in each pixel.
    """
    layout = tf.random.stateless_uniform(
        tf.concat([tf.shape(images)[:-3], [4]], 0), seed
    )
    layout = layout * (tf.constant(_HIGHEST) - _LOWEST) + _LOWEST
    affine = affine_lib.from_layout(layout)
    placed = warp_lib.warp(images, affine)
    return tf.reduce_max(placed, range(len(images.shape) - 4))


def losses(parse: Parse, log_likelihood: tf.Tensor) -> tf.Tensor:
    """The negative ELBO under a flat prior.

        -log p(x | z_1..T) + sum_t log q(z_t),   z layouts and control points

    Args:
        parse: of drawings with all strokes, leading dimensions `[P, B]`.
        log_likelihood: `[P, B]`, log p(x | z_1..T) in nats.

    Returns:
        `[P, B]`, in nats.
    """
    log_q = parse.log_posterior.layout + parse.log_posterior.stroke
    return tf.reduce_sum(log_q, -1) - log_likelihood
