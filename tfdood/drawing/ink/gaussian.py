"""Gaussian ink: the raster of a curve, differentiable in curve and pen.

A pixel's ink is a sum of isotropic Gaussians, one for each curve point. Each
Gaussian is a product of a row factor and a column factor. So the raster is a
product of two matrices, `[H, S]` and `[S, W]`.
"""

from collections.abc import Callable

import tensorflow as tf

from tfdood.drawing.curves import bezier

# Ink with a smaller maximum is divided by this number, not by its maximum.
_FAINTEST_PEAK = 0.3


def ink(points: tf.Tensor, blur: tf.Tensor, image_size: int) -> tf.Tensor:
    """Computes the unnormalised ink of Gaussian dots at the given points.

        I[i, j] = sum_n exp(-((x_n - c_j)^2 + (y_n - r_i)^2) / (2 blur^2))
                = sum_n exp(-(y_n - r_i)^2 / (2 blur^2))
                        exp(-(x_n - c_j)^2 / (2 blur^2))

    `c_j` and `r_i` are the centres of column j and row i. The paper's Eq. 11
    leaves out the exponential and the sum of squares; the authors' code has
    both.

    Args:
        points: `[..., S, 2]`, `(x, y)` inside or outside of the unit square.
        blur: `[...]`, positive, in image widths.
        image_size: `H = W` in pixels.

    Returns:
        `[..., H, W]` in [0, S].
    """
    blur = tf.broadcast_to(blur, tf.shape(points)[:-2])
    inverse = (0.5**0.5) / tf.expand_dims(blur, -1)  # [..., 1]
    centres = (tf.range(image_size, dtype=blur.dtype) + 0.5) / image_size
    centres = centres * inverse  # [..., W]
    x, y = (axis * inverse for axis in tf.unstack(points, axis=-1))  # [..., S]
    columns = _gaussian(centres, x)  # [..., W, S]
    rows = _gaussian(centres, y)  # [..., H, S]
    return tf.matmul(rows, columns, transpose_b=True)  # [..., H, W]


@tf.custom_gradient
def _gaussian(
    a: tf.Tensor, b: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """Computes g_ij = exp(-(a_i - b_j)^2) with a gradient that saves memory.

        d g_ij / d a_i = 2 (b_j - a_i) g_ij

    The gradient uses two sums, `sum_j w_ij b_j` and `sum_j w_ij`, with `w` the
    upstream gradient times g. So `w` is the only other tensor `[..., I, J]`.

    Args:
        a: `[..., I]`.
        b: `[..., J]`.

    Returns:
        `[..., I, J]`, and the function that computes the gradient.
    """
    value = tf.exp(-tf.math.squared_difference(a[..., None], b[..., None, :]))

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        weight = upstream * value  # [..., I, J]
        weighted_b = tf.linalg.matvec(weight, b)  # [..., I]
        weighted_a = tf.linalg.matvec(weight, a, transpose_a=True)  # [..., J]
        return (
            2.0 * (weighted_b - a * tf.reduce_sum(weight, -1)),
            2.0 * (weighted_a - b * tf.reduce_sum(weight, -2)),
        )

    return value, gradient


def stroke_image(
    control_points: tf.Tensor,
    blur: tf.Tensor,
    stroke_contrast: tf.Tensor,
    image_size: int,
    num_points: int = 100,
) -> tf.Tensor:
    """Draws single strokes.

    The largest pixel is tanh(1 / stroke_contrast), or less where the stroke
    leaves the canvas, see `normalize`.

    Args:
        control_points: `[..., K, 2]`, `(x, y)` in the canvas' unit square.
        blur: `[...]`, positive, in image widths.
        stroke_contrast: `[...]`, positive.
        image_size: `H = W` in pixels.
        num_points: `S`, the number of points along the curve.

    Returns:
        `[..., H, W, 1]` in [0, 1]. Source: paper, Eq. 11 and App. B.1.
    """
    points = bezier.curve_points(control_points, num_points)  # [..., S, 2]
    image = ink(points, blur, image_size)  # [..., H, W]
    return tf.expand_dims(normalize(image, stroke_contrast), -1)


def normalize(ink: tf.Tensor, stroke_contrast: tf.Tensor) -> tf.Tensor:
    """Squashes the ink of single strokes into [0, 1].

        x = tanh(I / max(max(I), 0.3) / stroke_contrast)

    A stroke that leaves the canvas fades: the image is continuous in the ink,
    and a gradient leads back to the canvas. In the authors' code, ink is
    divided by its maximum down to a maximum of 1e-4, so that a stroke 4 blurs
    outside of the canvas paints a line of full brightness at the rim, and
    disappears at 4.5 blurs.

    No gradient flows through the maximum, as in the authors' code.

    Args:
        ink: `[..., H, W]`, not negative.
        stroke_contrast: `[...]`, positive.

    Returns:
        `[..., H, W]` in [0, 1]. Source: paper, Eq. 12 and Eq. 13.
    """
    peak = tf.reduce_max(tf.stop_gradient(ink), (-2, -1))  # [...]
    slope = 1.0 / (tf.maximum(peak, _FAINTEST_PEAK) * stroke_contrast)  # [...]
    for _ in range(2):  # LiteRT lacks the gradient of slope[..., tf.newaxis].
        slope = tf.expand_dims(slope, -1)
    return tf.tanh(ink * slope)
