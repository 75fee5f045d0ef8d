"""The canvas before each stroke: the ink of the strokes that were drawn before.

GNS draws this canvas as it draws characters, but with little blur and without
noise, and shrinks it for its networks. Source: GNS (Feinman and Lake, 2021),
App. A.2; the sizes are those of their code.

Control points are in pixels of the image: `x` points to the right, `y` points
down, and pixel `i` has its centre at `i + 0.5`.
"""

import functools

import numpy as np
import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat

IMAGE_SIZE = 105
"""The height and width of Omniglot's images, in pixels."""

CANVAS_SIZE = 28
"""The height and width of the canvases that networks see, in pixels."""

_NUM_POINTS = 200  # Of each stroke: at most 2 pixels apart up to 398 pixels.
_STD = 0.5  # Of each of the two blurs, in pixels of the image.


def stroke_ink(
    control_points: tf.Tensor, num_control_points: tf.Tensor
) -> tf.Tensor:
    """Computes the ink of single strokes, see `splat.stroke_ink`.

    Args:
        control_points: `[..., N, 2]`, of B-splines, in pixels; see
            `bspline.points`.
        num_control_points: `[...]`, int; 0 where there is no stroke.

    Returns:
        `[..., 105, 105]`, not negative.
    """
    points = bspline.points(control_points, num_control_points, _NUM_POINTS)
    is_point = (num_control_points > 0)[..., tf.newaxis]
    return splat.stroke_ink(points / IMAGE_SIZE, is_point, IMAGE_SIZE)


def before(ink: tf.Tensor) -> tf.Tensor:
    """Adds the ink of the strokes before each stroke.

    Args:
        ink: `[..., T, H, W]`, of each stroke.

    Returns:
        `[..., T + 1, H, W]`; the first is empty, the last has all strokes.
    """
    # This sum is several times faster than `tf.cumsum`.
    count = tf.shape(ink)[-3]
    is_earlier = tf.sequence_mask(tf.range(count + 1), count, ink.dtype)
    return tf.einsum("ct,...thw->...chw", is_earlier, ink)


def small(ink: tf.Tensor) -> tf.Tensor:
    """Draws ink as small as networks see it.

    The ink is broadened, blurred by `splat.soften` with a standard deviation of
    half a pixel and without noise, and resized bilinearly without antialiasing.
    The last two are linear, so that they are one matrix `M` for each axis:

        canvas = M ink M^T

    Args:
        ink: `[..., 105, 105]`, of some strokes together.

    Returns:
        `[..., 28, 28]` in [0, 1].
    """
    matrix = tf.constant(_blurred_and_resized(), ink.dtype)
    broad = splat.broaden(ink)
    return tf.matmul(tf.matmul(matrix, broad), matrix, transpose_b=True)


def canvases_before(
    control_points: tf.Tensor, num_control_points: tf.Tensor
) -> tf.Tensor:
    """Draws the strokes before each stroke, as small as networks see them.

    Args:
        control_points: `[..., T, N, 2]`, of `T` strokes, see `stroke_ink`.
        num_control_points: `[..., T]`, see `stroke_ink`.

    Returns:
        `[..., T + 1, 28, 28]` in [0, 1]; the first is empty, the last has all
        strokes.
    """
    return small(before(stroke_ink(control_points, num_control_points)))


@functools.cache
def _blurred_and_resized() -> np.ndarray:
    """The matrix `M`, `[28, 105]`."""
    distance = np.arange(IMAGE_SIZE)[:, np.newaxis] - np.arange(IMAGE_SIZE)
    reach = np.arange(-splat.REACH, splat.REACH + 1)
    band = np.exp(-0.5 * (distance / _STD) ** 2)
    band /= np.exp(-0.5 * (reach / _STD) ** 2).sum()
    band[np.abs(distance) > splat.REACH] = 0.0
    scale = IMAGE_SIZE / CANVAS_SIZE
    places = (np.arange(CANVAS_SIZE)[:, np.newaxis] + 0.5) * scale - 0.5
    read = np.maximum(1.0 - np.abs(places - np.arange(IMAGE_SIZE)), 0.0)
    return read @ band @ band
