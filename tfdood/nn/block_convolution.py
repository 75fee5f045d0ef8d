"""Convolutions of images of one channel, computed on blocks of pixels.

CPU kernels are slow where a convolution has one input channel. On blocks of
2 x 2 pixels the same convolution has four, and four times as many outputs.
"""

import tensorflow as tf

BLOCK = 2
"""Height and width of a block in pixels."""

_NONE = [[0, 0], [0, 0]]  # Padding of the channels of a kernel.


def convolve(
    images: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor
) -> tf.Tensor:
    """Computes a convolution of stride 1 with zeros around the images.

    `tf.nn.depth_to_space(..., BLOCK)` makes an image of the result.

    Args:
        images: `[N, H, W, 1]`; H and W are even.
        kernel: `[K, K, 1, F]`.
        bias: `[F]`.

    Returns:
        `[N, H / 2, W / 2, 4 F]`: for each block, the features of its pixels,
        row by row.
    """
    blocks = tf.nn.space_to_depth(images, BLOCK)
    features = tf.nn.conv2d(blocks, _of_blocks(kernel), 1, "SAME")
    return tf.nn.bias_add(features, tf.tile(bias, [BLOCK**2]))


def _of_blocks(kernel: tf.Tensor) -> tf.Tensor:
    """The kernel `[k, k, 4, 4 F]` between blocks.

    That of each pixel of a block is `kernel`, moved to the place of the pixel.
    """
    size = kernel.shape[0]
    reach = -(-(size // 2) // BLOCK)  # In blocks.
    blocks = 2 * reach + 1
    added = BLOCK * blocks - size
    first = BLOCK * reach - (size - 1) // 2
    places = range(first, first + BLOCK)
    moved = [
        tf.pad(kernel, [[row, added - row], [column, added - column], *_NONE])
        for row in places
        for column in places
    ]
    split = tf.reshape(tf.concat(moved, -1), [blocks, BLOCK, blocks, BLOCK, -1])
    return tf.reshape(
        tf.transpose(split, [0, 2, 1, 3, 4]), [blocks, blocks, BLOCK**2, -1]
    )
