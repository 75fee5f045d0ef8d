"""The spatial transformer: glimpses of an image, and points moved alike.

An affine `[A | tau]` maps glimpse coordinates to canvas coordinates, both in
[-1, 1]^2 from the outer edge of the first pixel to that of the last: pixel `i`
of `n` has its centre at `(2 i + 1) / n - 1`. Source: Jaderberg et al. 2015;
paper, Sec. 2.1.
"""

import tensorflow as tf

# Determinants nearer to zero are replaced by this one when inverting.
_SMALLEST_DETERMINANT = 1e-6


def affine_from_layout(layout: tf.Tensor) -> tf.Tensor:
    """The similarity transform of a stroke's layout.

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


def affine_from_parameters(parameters: tf.Tensor) -> tf.Tensor:
    """The general affine transform, used by the token model.

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


def _affine(first_row: tuple, second_row: tuple) -> tf.Tensor:
    rows = tf.stack(first_row, -1), tf.stack(second_row, -1)  # [..., 3]
    return tf.stack(rows, -2)  # [..., 2, 3]


def invert(affine: tf.Tensor) -> tf.Tensor:
    """The affine that maps canvas coordinates to glimpse coordinates.

        [A | tau] -> [A^-1 | -A^-1 tau]

    A determinant nearer to zero than 1e-6 is replaced by 1e-6 with its sign,
    so that the inverse and its gradient stay finite.

    Args:
        affine: `[..., 2, 3]`.

    Returns:
        `[..., 2, 3]`.
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
    """Moves points from the glimpse's to the canvas' unit square.

        p -> (A (2 p - 1) + tau) / 2 + 1 / 2

    Args:
        points: `[..., K, 2]`, `(x, y)` in the glimpse's unit square.
        affine: `[..., 2, 3]`, from glimpse to canvas.

    Returns:
        `[..., K, 2]`, `(x, y)` in the canvas' unit square.
    """
    matrix, shift = affine[..., :2], affine[..., tf.newaxis, :, 2]
    moved = tf.matmul(2.0 * points - 1.0, matrix, transpose_b=True) + shift
    return 0.5 * moved + 0.5  # [..., K, 2]


def glimpse(
    images: tf.Tensor,
    affine: tf.Tensor,
    output_size: int | tuple[int, int] | None = None,
) -> tf.Tensor:
    """Samples images through an affine window, bilinearly, zero outside.

        glimpse(u) = image(A u + tau)

    Args:
        images: `[..., H, W, C]`.
        affine: `[..., 2, 3]`, from glimpse to canvas, with the same leading
            dimensions.
        output_size: `h = w`, or `(h, w)`, in pixels; `(H, W)` by default.

    Returns:
        `[..., h, w, C]`.
    """
    height, width, channels = images.shape[-3:]
    if output_size is None:
        output_size = height, width
    elif isinstance(output_size, int):
        output_size = output_size, output_size
    leading = tf.shape(affine)[:-2]
    num_images = tf.reduce_prod(leading)
    images = tf.reshape(images, [num_images, height, width, channels])
    affine = tf.reshape(affine, [-1, 2, 3])
    x, y = _canvas_pixels(affine, output_size, (height, width))  # [N, h w]
    samples = _sample(images, x, y)  # [N, h w, C]
    return tf.reshape(
        samples, tf.concat([leading, [*output_size, channels]], 0)
    )


def warp(images: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Places images made in the glimpse's frame on the canvas.

        canvas(A u + tau) = image(u)

    Args:
        images: `[..., H, W, C]` in the glimpse's frame.
        affine: `[..., 2, 3]`, from glimpse to canvas, with the same leading
            dimensions.

    Returns:
        `[..., H, W, C]` on the canvas, zero outside of the glimpse.
    """
    return glimpse(images, invert(affine))


def _canvas_pixels(
    affine: tf.Tensor, output_size: tuple[int, int], size: tuple[int, int]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Where the glimpse's pixels lie on the canvas, in pixels `[N, h w]`."""
    height, width = size
    v, u = (
        (2.0 * tf.range(n, dtype=affine.dtype) + 1.0) / n - 1.0
        for n in output_size
    )
    u, v = (tf.reshape(t, [-1]) for t in tf.meshgrid(u, v))  # [h w]
    frame = tf.stack([u, v, tf.ones_like(u)])  # [3, h w]
    canvas = tf.matmul(affine, frame)  # [N, 2, h w]
    x, y = tf.unstack(canvas, axis=1)
    x = (x + 1.0) * (0.5 * width) - 0.5
    y = (y + 1.0) * (0.5 * height) - 0.5
    return x, y


def _sample(images: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Bilinear samples `[N, M, C]` of `[N, H, W, C]` at pixels `[N, M]`."""
    height, width, channels = images.shape[-3:]
    # A border of zeros: beyond it, samples are zero and stay so.
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    # All pixels in one row, a channel after the other: lookups by rows of few
    # channels, or by batch, take longer.
    pixels = tf.reshape(tf.transpose(padded, [3, 0, 1, 2]), [-1])
    num_images = tf.shape(images)[0]
    first = tf.range(channels * num_images) * (height + 2) * (width + 2)
    first = tf.reshape(first, [channels, num_images, 1])
    x = tf.clip_by_value(x, -1.0, float(width)) + 1.0
    y = tf.clip_by_value(y, -1.0, float(height)) + 1.0
    left = tf.minimum(tf.floor(x), float(width))
    top = tf.minimum(tf.floor(y), float(height))
    corner = tf.cast(top * (width + 2.0) + left, tf.int32) + first  # [C, N, M]
    top_left, top_right, bottom_left, bottom_right = (
        tf.gather(pixels, corner + offset)
        for offset in (0, 1, width + 2, width + 3)
    )  # [C, N, M]
    x, y = x - left, y - top
    upper = top_left + x * (top_right - top_left)
    lower = bottom_left + x * (bottom_right - bottom_left)
    return tf.transpose(upper + y * (lower - upper), [1, 2, 0])
