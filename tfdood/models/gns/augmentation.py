"""Augmentation: drawings that are moved a little, as a whole.

People's drawings of a few alphabets have few places, sizes and slants. Each
training step sees each drawing under another affine transform of the page.
"""

import tensorflow as tf

from tfdood.drawing import affine
from tfdood.drawing.ink.splat_canvases import IMAGE_SIZE
from tfdood.types import SplineStrokes

SHIFT_STD = 0.06
"""Of the shift along x and y, in half image widths."""

LOG_SCALE_STD = 0.1
"""Of the logarithms of the scales along x and y."""

TURN_STD = 0.08
"""Of the rotation in radians, and of the shear along x and along y."""


def moved(
    drawings: SplineStrokes, strength: float, seed: tf.Tensor
) -> SplineStrokes:
    """Moves each drawing by a random affine transform.

    Args:
        drawings: leading dimension `[B]`.
        strength: multiplies the standard deviations; 0 moves nothing.
        seed: int32 `[2]`.

    Returns:
        The drawings; control points after the last are 0.
    """
    points, number = drawings
    shape = tf.shape(points)
    noise = strength * tf.random.stateless_normal([shape[0], 7], seed)
    shift, scale, turn = tf.split(noise, [2, 2, 3], -1)
    parameters = [
        SHIFT_STD * shift,
        tf.exp(LOG_SCALE_STD * scale),
        TURN_STD * turn,
    ]
    transform = affine.from_parameters(tf.concat(parameters, -1))
    flat = tf.reshape(points, [shape[0], -1, 2]) / IMAGE_SIZE
    placed = IMAGE_SIZE * affine.transform_points(flat, transform)
    is_point = tf.range(shape[2]) < number[..., tf.newaxis]
    return SplineStrokes(
        tf.where(is_point[..., tf.newaxis], tf.reshape(placed, shape), 0.0),
        number,
    )
