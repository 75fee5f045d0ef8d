"""Dropout from a seed."""

import tensorflow as tf

_BYTES = 256  # how many there are


def dropout(features: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Zeroes features at random, scaling the others to keep the mean.

    A random byte decides on each feature: random numbers are what dropout
    spends its time on, and an integer gives four.

    Args:
        features: `[..., C]`, C a multiple of 4.
        rate: of features to zero, in [0, 1); rounded to a multiple of 1 / 256.
        seed: int32 `[2]`.

    Returns:
        The same shape.
    """
    shape = tf.shape(features)
    integers = tf.random.stateless_uniform(
        tf.concat([shape[:-1], shape[-1:] // 4], 0),
        seed,
        minval=None,
        maxval=None,
        dtype=tf.int32,
        alg="philox",
    )
    random_bytes = tf.reshape(tf.bitcast(integers, tf.uint8), shape)
    num_dropped = min(round(rate * _BYTES), _BYTES - 1)
    kept = tf.cast(random_bytes >= num_dropped, features.dtype)
    return features * (kept * (_BYTES / (_BYTES - num_dropped)))
