"""Places small images on a canvas by scale and shift, with matrix products.

Without a rotation, bilinear sampling is the same weighted sum in each row and
in each column, so that it is two products with matrices:

    canvas = A_y image A_x^T,   A[i, j] = max(0, 1 - |position_i - j|)

`tfdood.drawing.warp` is for all affines. Images are zero outside of their
border. Source of the sampling: Jaderberg et al., 2015.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf


class Placement(NamedTuple):
    """Where an image lies in the frame [-1, 1] x [-1, 1] of the canvas.

    Attributes:
        scale: `[..., 2]`, half of the width and of the height, positive.
        shift: `[..., 2]`, the centre, x right and y down.
    """

    scale: tf.Tensor
    shift: tf.Tensor

    def boxes(self) -> tf.Tensor:
        """Computes the corners in the canvas's unit square.

        Returns:
            `[..., 4]`, left, top, right and bottom, in widths of the canvas.
        """
        corners = [self.shift - self.scale, self.shift + self.scale]
        return 0.5 + 0.5 * tf.concat(corners, -1)


def sampling_matrix(
    scale: tf.Tensor, shift: tf.Tensor, canvas_size: int, image_size: int
) -> tf.Tensor:
    """Computes the weight of each image pixel in each canvas pixel.

        A[i, j] = max(0, 1 - |position_i - j|)
        position_i = ((u_i - shift) / scale + 1) n / 2 - 1 / 2

    `u_i` is the centre of the canvas's pixel `i` in [-1, 1], `n` the image's
    size.

    Args:
        scale: `[...]`, positive.
        shift: `[...]`.
        canvas_size: number of pixels of the canvas along the axis.
        image_size: number of pixels of the image along the axis.

    Returns:
        `[..., canvas_size, image_size]`, in [0, 1].
    """
    centres = (2.0 * tf.range(canvas_size, dtype=scale.dtype) + 1.0) / (
        canvas_size
    ) - 1.0
    scale, shift = scale[..., tf.newaxis], shift[..., tf.newaxis]
    position = ((centres - shift) / scale + 1.0) * (0.5 * image_size) - 0.5
    pixels = tf.range(image_size, dtype=scale.dtype)
    distance = tf.abs(position[..., tf.newaxis] - pixels)
    return tf.nn.relu(1.0 - distance)


def place(
    images: tf.Tensor, placement: Placement, canvas_size: int
) -> tf.Tensor:
    """Places each image on a canvas of its own.

    Args:
        images: `[..., h, w, C]`.
        placement: with the leading dimensions of `images`.
        canvas_size: `H = W` in pixels.

    Returns:
        `[..., H, W, C]`.
    """
    columns, rows = _matrices(images.shape[-3:-1], placement, canvas_size)
    return tf.einsum("...ia,...abc,...jb->...ijc", rows, images, columns)


def compose(
    images: tf.Tensor,
    placement: Placement,
    weights: tf.Tensor,
    canvas_size: int,
) -> tf.Tensor:
    """Places images on one canvas and adds them.

        canvas = sum_k weight_k A_y,k image_k A_x,k^T

    Args:
        images: `[N, K, h, w]`.
        placement: with leading dimensions `[N, K]`.
        weights: `[N, K]`.
        canvas_size: `H = W` in pixels.

    Returns:
        `[N, H, W, 1]`.
    """
    _, num_images, height, width = images.shape
    columns, rows = _matrices((height, width), placement, canvas_size)
    wide = tf.matmul(images, columns, transpose_b=True)
    wide *= weights[..., tf.newaxis, tf.newaxis]  # [N, K, h, W]
    stacked = [-1, num_images * height, canvas_size]
    rows = tf.reshape(tf.transpose(rows, [0, 1, 3, 2]), stacked)
    canvas = tf.matmul(rows, tf.reshape(wide, stacked), transpose_a=True)
    return canvas[..., tf.newaxis]


def _matrices(
    size: Sequence[int], placement: Placement, canvas_size: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Computes `A_x` `[..., W, w]` and `A_y` `[..., H, h]`."""
    height, width = size
    scale, shift = (tf.unstack(x, axis=-1) for x in placement)
    return (
        sampling_matrix(scale[0], shift[0], canvas_size, width),
        sampling_matrix(scale[1], shift[1], canvas_size, height),
    )
