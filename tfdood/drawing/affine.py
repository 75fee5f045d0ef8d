"""Affine transforms of the plane, and how they move points.

An affine `[A | tau]` maps glimpse coordinates to canvas coordinates. Both lie
in [-1, 1]^2: -1 is the outer edge of the first pixel and 1 the outer edge of
the last pixel. Pixel `i` of `n` has its centre at `(2 i + 1) / n - 1`. Source:
Jaderberg et al. 2015; paper, Sec. 2.1.
"""

import tensorflow as tf

# `invert` replaces determinants of a smaller magnitude by this one.
_SMALLEST_DETERMINANT = 1e-6


def from_layout(layout: tf.Tensor) -> tf.Tensor:
    """Computes the similarity transform that a layout describes.

        A = scale [[cos r, -sin r], [sin r, cos r]],   tau = shift

    Args:
        layout: `[..., 4]`, shift x, shift y (half image widths), scale,
            rotation `r` (radians).

    Returns:
        `[..., 2, 3]`, `[A | tau]`.
    """
    shift_x, shift_y, scale, rotation = tf.unstack(layout, axis=-1)
    c = scale * tf.cos(rotation)
    s = scale * tf.sin(rotation)
    return _affine((c, -s, shift_x), (s, c, shift_y))


def from_parameters(parameters: tf.Tensor) -> tf.Tensor:
    """Computes a general affine transform; the token model uses it.

        A = [[1 + h_x h_y, h_x], [h_y, 1]]
            [[cos r, -sin r], [sin r, cos r]] diag(k_x, k_y),   tau = shift

    Args:
        parameters: `[..., 7]`, shift x, shift y (half image widths), scales
            `k_x`, `k_y`, rotation `r` (radians), shears `h_x`, `h_y`.

    Returns:
        `[..., 2, 3]`, `[A | tau]`.
    """
    shift_x, shift_y, scale_x, scale_y, rotation, shear_x, shear_y = tf.unstack(
        parameters, axis=-1
    )
    c, s = tf.cos(rotation), tf.sin(rotation)
    product = 1.0 + shear_x * shear_y
    return _affine(
        (
            (product * c + shear_x * s) * scale_x,
            (shear_x * c - product * s) * scale_y,
            shift_x,
        ),
        (
            (shear_y * c + s) * scale_x,
            (c - shear_y * s) * scale_y,
            shift_y,
        ),
    )


def _affine(
    first_row: tuple[tf.Tensor, ...], second_row: tuple[tf.Tensor, ...]
) -> tf.Tensor:
    rows = tf.stack(first_row, -1), tf.stack(second_row, -1)  # [..., 3]
    return tf.stack(rows, -2)  # [..., 2, 3]


def invert(affine: tf.Tensor) -> tf.Tensor:
    """Inverts an affine: the result maps from the canvas to the glimpse.

        [A | tau] -> [A^-1 | -A^-1 tau]

    A determinant of a magnitude below 1e-6 is replaced by 1e-6 or, if it is
    negative, by -1e-6. So the inverse and its gradient stay finite.

    Args:
        affine: `[..., 2, 3]`, from glimpse to canvas.

    Returns:
        `[..., 2, 3]`, from canvas to glimpse.
    """
    (a, b, x), (c, d, y) = (
        tf.unstack(row, axis=-1) for row in tf.unstack(affine, axis=-2)
    )
    determinant = a * d - b * c
    magnitude = tf.maximum(tf.abs(determinant), _SMALLEST_DETERMINANT)
    determinant = tf.where(determinant < 0.0, -magnitude, magnitude)
    return _affine(
        (d / determinant, -b / determinant, (b * y - d * x) / determinant),
        (-c / determinant, a / determinant, (c * x - a * y) / determinant),
    )


def transform_points(points: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Moves points from the glimpse's unit square to the canvas' unit square.

        p -> (A (2 p - 1) + tau) / 2 + 1 / 2

    Args:
        points: `[..., K, 2]`, `(x, y)` in the glimpse's unit square.
        affine: `[..., 2, 3]`, from glimpse to canvas.

    Returns:
        `[..., K, 2]`, `(x, y)` in the canvas' unit square.
    """
    matrix, shift = tf.split(tf.linalg.matrix_transpose(affine), [2, 1], -2)
    moved = tf.matmul(2.0 * points - 1.0, matrix) + shift
    return 0.5 * moved + 0.5  # [..., K, 2]
