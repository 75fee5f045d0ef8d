"""Where the ink of an image lies: its mean and its standard deviation."""

import tensorflow as tf

_FARTHEST = 0.9  # of the way to a limit


def of(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Computes the moments of ink along x and y.

    Args:
        images: `[N, S, S, 1]`, at least 0.

    Returns:
        The mean and the standard deviation, `[N, 2]` each, in half image
        widths; the centre of the image is 0.
    """
    size = tf.shape(images)[1]
    centres = (2.0 * tf.range(tf.cast(size, tf.float32)) + 1.0) / tf.cast(
        size, tf.float32
    ) - 1.0
    ink = images[..., 0] + 1e-6
    ink /= tf.reduce_sum(ink, (1, 2), keepdims=True)
    along = tf.stack([tf.reduce_sum(ink, 1), tf.reduce_sum(ink, 2)], 1)
    mean = tf.reduce_sum(along * centres, -1)  # [N, 2]
    offset = centres - mean[..., tf.newaxis]  # [N, 2, S]
    return mean, tf.sqrt(tf.reduce_sum(along * tf.square(offset), -1))


def reach(value: tf.Tensor, limit: float) -> tf.Tensor:
    """Computes a value as a share of its limit, between -0.9 and 0.9.

    Args:
        value: of any shape.
        limit: positive.

    Returns:
        The shares, of the same shape.
    """
    return tf.clip_by_value(value / limit, -_FARTHEST, _FARTHEST)
