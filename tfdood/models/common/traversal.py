"""Walks through the code of a scene, one level at a time."""

import math

import tensorflow as tf


def by_level(
    start: tf.Tensor, end: tf.Tensor, num_levels: int, num_steps: int
) -> tf.Tensor:
    """Makes a walk for each level, which moves the numbers of this level only.

        numbers_l = cos(t) start_l + sin(t) end_l,  t = 0, ..., pi / 2

    The numbers of all other levels stay at the start. If start and end are
    standard normal, so is every point of the way.

    Args:
        start: `[C]`, standard normal, all levels.
        end: `[C]`, standard normal.
        num_levels: `L`, of equal size.
        num_steps: `T`, the points of the way, at least 2.

    Returns:
        `[L, T, C]`; the points of walk `l` differ in level `l` only.
    """
    size = start.shape[-1] // num_levels
    angles = tf.linspace(0.0, 0.5 * math.pi, num_steps)[:, tf.newaxis]
    way = tf.cos(angles) * start + tf.sin(angles) * end  # [T, C]
    level = tf.range(num_levels * size) // size
    is_own = level == tf.range(num_levels)[:, tf.newaxis]  # [L, C]
    return tf.where(is_own[:, tf.newaxis], way, start)
