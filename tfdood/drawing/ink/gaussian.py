"""Ink: the raster of a curve, differentiable in the curve and the pen.

A pixel's ink is a sum over curve points of isotropic Gaussians, which separate
into a row and a column factor: the raster is a product of two thin matrices.
"""

import tensorflow as tf

from tfdood.drawing.curves import bezier

# Fainter images are not normalised (authors' code).
_FAINTEST_PEAK = 1e-4


def ink(points: tf.Tensor, blur: tf.Tensor, image_size: int) -> tf.Tensor:
    """The unnormalised ink that Gaussian dots at the points leave on pixels.

        I[i, j] = sum_n exp(-((x_n - c_j)^2 + (y_n - r_i)^2) / (2 blur^2))
                = sum_n exp(-(y_n - r_i)^2 / (2 blur^2))
                        exp(-(x_n - c_j)^2 / (2 blur^2))

    The paper's Eq. 11 lacks the exponential and the sum of squares; this is
    what it stands for.

    Args:
        points: `[..., S, 2]`, `(x, y)` in the unit square, or outside.
        blur: `[...]`, positive, in image widths.
        image_size: `H = W` in pixels.

    Returns:
        `[..., H, W]` in [0, S].
    """
    blur = tf.broadcast_to(blur, tf.shape(points)[:-2])
    inverse = (0.5**0.5) / blur[..., tf.newaxis]  # [..., 1]
    centres = (tf.range(image_size, dtype=blur.dtype) + 0.5) / image_size
    centres = centres * inverse  # [..., W]
    x = points[..., 0] * inverse  # [..., S]
    y = points[..., 1] * inverse
    columns = _gaussian(centres, x)  # [..., W, S]
    rows = _gaussian(centres, y)  # [..., H, S]
    return tf.matmul(rows, columns, transpose_b=True)  # [..., H, W]


@tf.custom_gradient
def _gaussian(a: tf.Tensor, b: tf.Tensor):
    """exp(-(a_i - b_j)^2), `[..., I, J]`, of `[..., I]` and `[..., J]`.

    Its derivative by `a_i` is 2 (b_j - a_i) times itself: written as sums over
    `b_j` and over ones, it needs no further `[..., I, J]`.
    """
    value = tf.exp(-tf.math.squared_difference(a[..., None], b[..., None, :]))

    def gradient(upstream):
        weight = upstream * value  # [..., I, J]
        towards_b = tf.linalg.matvec(weight, b)
        towards_a = tf.linalg.matvec(weight, a, transpose_a=True)
        return (
            2.0 * (towards_b - a * tf.reduce_sum(weight, -1)),
            2.0 * (towards_a - b * tf.reduce_sum(weight, -2)),
        )

    return value, gradient


def stroke_image(
    control_points: tf.Tensor,
    blur: tf.Tensor,
    stroke_contrast: tf.Tensor,
    image_size: int,
    num_points: int = 100,
) -> tf.Tensor:
    """The image of a single stroke, whose peak is tanh(1 / stroke_contrast).

    Args:
        control_points: `[..., K, 2]`, `(x, y)` in the canvas' unit square.
        blur: `[...]`, positive, in image widths.
        stroke_contrast: `[...]`, positive.
        image_size: `H = W` in pixels.
        num_points: `S`, the points sampled along the curve.

    Returns:
        `[..., H, W, 1]` in [0, 1). Source: paper, Eq. 11 and App. B.2.
    """
    points = bezier.curve_points(control_points, num_points)  # [..., S, 2]
    image = ink(points, blur, image_size)  # [..., H, W]
    return tf.expand_dims(normalize(image, stroke_contrast), -1)


def normalize(ink: tf.Tensor, stroke_contrast: tf.Tensor) -> tf.Tensor:
    """Squashes a stroke's ink into [0, 1).

        x = tanh(I / max(I) / stroke_contrast)

    No gradient flows through the maximum, by which images fainter than 1e-4
    are not divided (as in the authors' code).

    Args:
        ink: `[..., H, W]`, not negative.
        stroke_contrast: `[...]`, positive.

    Returns:
        `[..., H, W]`. Source: paper, Eq. 12 and Eq. 13.
    """
    peak = tf.reduce_max(tf.stop_gradient(ink), (-2, -1))  # [...]
    peak = tf.where(peak < _FAINTEST_PEAK, tf.ones_like(peak), peak)
    slope = 1.0 / (peak * stroke_contrast)  # [...]
    return tf.tanh(ink * slope[..., tf.newaxis, tf.newaxis])
