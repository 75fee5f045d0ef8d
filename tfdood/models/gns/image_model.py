"""The image model of GNS: pixels of ink, given the strokes of a drawing.

Source: GNS (Feinman and Lake, 2021), Sec. 3, "Image model".
"""

import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat, splat_canvases
from tfdood.types import SplineStrokes

_NUM_POINTS = 100  # Of each stroke, in images of 105 x 105 pixels.
_TINY = 1e-12


def canvas(
    drawn: SplineStrokes,
    std: tf.Tensor,
    noise: tf.Tensor,
    image_size: int,
    reach: int = splat.REACH,
) -> tf.Tensor:
    """Draws strokes.

    Args:
        drawn: the strokes of tokens, leading dimension `[B]`, in pixels of the
            page, see `SplineStrokes`.
        std: `[B]`, of the blur in pixels of the image.
        noise: `[B]` in [0, 0.5], the probability that a pixel flips.
        image_size: `H = W` in pixels.
        reach: see `splat.soften`.

    Returns:
        `[B, H, W]`, the probability of ink.
    """
    points, number = drawn
    growth = -(-image_size // splat_canvases.IMAGE_SIZE)
    curves = bspline.points(points, number, _NUM_POINTS * growth)
    is_point = tf.broadcast_to(
        (number > 0)[..., tf.newaxis], tf.shape(curves)[:-1]
    )
    return splat.probabilities(
        curves / splat_canvases.IMAGE_SIZE,
        is_point,
        std,
        noise,
        image_size,
        reach,
    )


def log_prob(images: tf.Tensor, probability: tf.Tensor) -> tf.Tensor:
    """Computes the log probability of binary images.

    Args:
        images: `[B, H, W, 1]` in [0, 1]; ink is above 1/2.
        probability: `[B, H, W]`, of ink.

    Returns:
        `[B]`, log P(image | token), in nats.
    """
    is_ink = images[..., 0] > 0.5
    chosen = tf.where(is_ink, probability, 1.0 - probability)
    return tf.reduce_sum(tf.math.log(tf.maximum(chosen, _TINY)), [1, 2])
