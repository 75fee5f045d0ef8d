"""Smoothed images, which tell a near miss from a far one."""

import tensorflow as tf

_SMALLEST_STD = 1e-3  # a kernel of a single one


def smooth(images: tf.Tensor, std: tf.Tensor | float) -> tf.Tensor:
    """Convolves images with a Gaussian, cut off at the border.

        y = K x K^T,   K_ij ~ exp(-(i - j)^2 / (2 std^2)), rows of sum 1

    Args:
        images: `[..., S, S, 1]`.
        std: scalar, in pixels; 0 changes nothing.

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
