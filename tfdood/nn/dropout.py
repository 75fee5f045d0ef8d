"""Dropout that is a function of a seed."""

import tensorflow as tf

_BYTES = 256  # number of values of a byte


def dropout(features: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Sets random features to zero; scales the others to keep the mean.

        y = x [byte >= n] / (1 - n / 256),   n = min(round(256 rate), 255)

    Each feature has its own random byte. Most of the time of dropout goes into
    random numbers, and one random integer gives four bytes.

    Args:
        features: `[..., C]`, where `C` is a multiple of 4.
        rate: share of features that become zero, in [0, 1); it is rounded to a
            multiple of 1 / 256.
        seed: int32 `[2]`; the same seed gives the same zeros.

    Returns:
        `[..., C]`.
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
