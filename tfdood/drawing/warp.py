"""The spatial transformer: it samples images at affinely moved positions.

`tfdood.drawing.affine` describes the affines. Sampling is bilinear; images are
zero outside of their border. Source: Jaderberg et al. 2015; paper, Sec. 2.1.
"""

from collections.abc import Sequence

import tensorflow as tf

from tfdood.drawing import affine as affine_lib


def glimpse(
    images: tf.Tensor,
    affine: tf.Tensor,
    output_size: int | tuple[int, int] | None = None,
) -> tf.Tensor:
    """Cuts an affinely placed window, the glimpse, out of each image.

        glimpse(u) = image(A u + tau)

    Sampling is bilinear; images are zero outside of their border.

    Args:
        images: `[..., H, W, C]`.
        affine: `[..., 2, 3]`, from glimpse to canvas, with the same leading
            dimensions.
        output_size: `h = w`, or `(h, w)`, in pixels; `(H, W)` by default.

    Returns:
        `[..., h, w, C]`.
    """
    planes = [tf.expand_dims(x, -1) for x in tf.unstack(images, axis=-1)]
    if not planes:
        blank = tf.reduce_sum(images, -1, keepdims=True)
        return glimpses([blank], affine, output_size)[0][..., :0]
    return tf.concat(glimpses(planes, affine, output_size), -1)


def glimpses(
    images: Sequence[tf.Tensor],
    affine: tf.Tensor,
    output_size: int | tuple[int, int] | None = None,
) -> list[tf.Tensor]:
    """Cuts the same window out of several images; the positions are shared.

    Args:
        images: each `[..., H, W, 1]`.
        affine: `[..., 2, 3]`, as in `glimpse`.
        output_size: as in `glimpse`.

    Returns:
        The glimpse of each image, `[..., h, w, 1]`.
    """
    size = height, width = tuple(images[0].shape[-3:-1])
    if output_size is None:
        output_size = size
    elif isinstance(output_size, int):
        output_size = output_size, output_size
    leading = tf.shape(affine)[:-2]
    num_images = tf.reduce_prod(leading)
    planes = [tf.reshape(x, [num_images, height, width]) for x in images]
    affine = tf.reshape(affine, [-1, 2, 3])
    x, y = _canvas_pixels(affine, output_size, size)  # [N, h w]
    samples = _sample(tf.stack(planes), x, y)  # [C, N, h w]
    shape = tf.concat([leading, [*output_size, 1]], 0)
    return [tf.reshape(plane, shape) for plane in tf.unstack(samples)]


def warp(images: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
    """Places images, given in the frame of the glimpse, on the canvas.

        canvas(A u + tau) = image(u)

    Args:
        images: `[..., H, W, C]` in the frame of the glimpse.
        affine: `[..., 2, 3]`, from glimpse to canvas, with the same leading
            dimensions.

    Returns:
        `[..., H, W, C]` on the canvas, zero outside of the glimpse.
    """
    return glimpse(images, affine_lib.invert(affine))


def _canvas_pixels(
    affine: tf.Tensor, output_size: tuple[int, int], size: tuple[int, int]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns `x` and `y` `[N, h w]` of glimpse pixels, in canvas pixels."""
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


def _sample(planes: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Samples `[C, N, H, W]` at pixels `[N, M]`; returns `[C, N, M]`."""
    channels, _, height, width = planes.shape
    # With a border of zeros, clipped positions outside of it sample zeros.
    padded = tf.pad(planes, [[0, 0], [0, 0], [1, 1], [1, 1]])
    # `tf.gather` of single numbers is faster than with `batch_dims`.
    pixels = tf.reshape(padded, [-1])
    num_images = tf.shape(planes)[1]
    first = tf.range(channels * num_images) * (height + 2) * (width + 2)
    first = tf.reshape(first, [channels, num_images, 1])
    x = tf.clip_by_value(x, -1.0, float(width)) + 1.0
    y = tf.clip_by_value(y, -1.0, float(height)) + 1.0
    left = tf.minimum(tf.floor(x), float(width))
    top = tf.minimum(tf.floor(y), float(height))
    column, row = tf.cast(left, tf.int32), tf.cast(top, tf.int32)
    corner = row * (width + 2) + column + first  # [C, N, M]
    top_left, top_right, bottom_left, bottom_right = (
        tf.gather(pixels, corner + offset)
        for offset in (0, 1, width + 2, width + 3)
    )  # [C, N, M]
    x, y = x - left, y - top
    upper = top_left + x * (top_right - top_left)
    lower = bottom_left + x * (bottom_right - bottom_left)
    return upper + y * (lower - upper)
