"""Gaussian smoothing of images.

The difference of two smoothed images grows with the distance between their
strokes. Without smoothing, the difference stays the same as soon as the strokes
do not overlap, so that its gradient does not move them closer.
"""

import tensorflow as tf

_SMALLEST_STD = 1e-3  # pixels; the kernel is then the identity


def smooth(images: tf.Tensor, std: tf.Tensor | float) -> tf.Tensor:
    """Convolves images with a Gaussian.

        y = K x K^T,
        K_ij = exp(-(i - j)^2 / (2 std^2)) / sum_l exp(-(i - l)^2 / (2 std^2))

    Each row of `K` sums to 1, also at the border, where the Gaussian is cut
    off. So an image of one value does not change.

    Args:
        images: `[..., S, S, 1]`.
        std: scalar, standard deviation in pixels; 0 changes nothing.

    Returns:
        `[..., S, S, 1]`.
    """
    size = images.shape[-2]
    pixels = tf.range(size, dtype=images.dtype) / tf.maximum(
        tf.cast(std, images.dtype), _SMALLEST_STD
    )
    kernel = tf.nn.softmax(
        -0.5 * tf.math.squared_difference(pixels[:, tf.newaxis], pixels)
    )  # [S, S]
    smoothed = tf.reshape(images, [-1, size, size])
    for _ in range(2):  # along x, then along y: x -> (x K^T)^T
        smoothed = tf.matmul(
            tf.reshape(smoothed, [-1, size]), kernel, transpose_b=True
        )
        smoothed = tf.transpose(
            tf.reshape(smoothed, [-1, size, size]), [0, 2, 1]
        )
    return tf.reshape(smoothed, tf.shape(images))
