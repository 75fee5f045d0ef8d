"""Where the ink of an image lies: its mean and its standard deviation."""

import tensorflow as tf

_FARTHEST = 0.9  # of the way to a limit
_LARGEST_SCALE = 3.0


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


def spread(std: tf.Tensor) -> tf.Tensor:
    """One standard deviation for both axes: the root of the mean variance.

    Args:
        std: `[..., 2]`, along x and y.

    Returns:
        `[...]`.
    """
    return tf.sqrt(tf.reduce_mean(tf.square(std), -1))


def matching(images: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
    """Moves and scales ink such that it lies where other ink lies.

    The means of the ink become equal, and so do the roots of the mean
    variances along x and y, by a scale between 1/3 and 3.

    Args:
        images: `[N, S, S, 1]`, at least 0.
        others: `[N, S, S, 1]`, at least 0.

    Returns:
        Affine transforms `[N, 2, 3]`, see `tfdood.drawing.affine`.
    """
    (mean, std), (wanted_mean, wanted_std) = map(of, (images, others))
    scale = tf.clip_by_value(
        spread(wanted_std) / spread(std), 1.0 / _LARGEST_SCALE, _LARGEST_SCALE
    )[:, tf.newaxis]
    matrix = tf.linalg.diag(tf.tile(scale, [1, 2]))
    shift = wanted_mean - scale * mean
    return tf.concat([matrix, shift[..., tf.newaxis]], -1)


def reach(value: tf.Tensor, limit: float) -> tf.Tensor:
    """Computes a value as a share of its limit, between -0.9 and 0.9.

    Args:
        value: of any shape.
        limit: positive.

    Returns:
        The shares, of the same shape.
    """
    return tf.clip_by_value(value / limit, -_FARTHEST, _FARTHEST)
