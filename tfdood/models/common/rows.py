"""Rows: the particles of images, merged into one axis to compute with."""

from typing import Any

import tensorflow as tf


def merge(x: tf.Tensor) -> tf.Tensor:
    """`[N, T, ...]` to `[N * T, ...]`."""
    count = tf.reduce_prod(tf.shape(x)[:2])  # not -1: there may be no values
    return tf.reshape(x, tf.concat([[count], x.shape[2:]], 0))


def unmerge(tree: Any, leading: list) -> Any:
    """`[N, ...]` to `[P, B, ...]`, for each tensor of a structure.

    Args:
        tree: of tensors with `N = P * B` rows, particles first.
        leading: `P` and `B`.

    Returns:
        The same structure.
    """
    return tf.nest.map_structure(
        lambda x: tf.reshape(x, tf.concat([leading, x.shape[1:]], 0)), tree
    )


def best(tree: Any, scores: tf.Tensor) -> Any:
    """The particle of each image that has the largest score.

    Args:
        tree: of tensors `[P, B, ...]`.
        scores: `[P, B]`.

    Returns:
        The structure with tensors `[B, ...]`.
    """
    first = tf.argmax(scores, output_type="int32")
    index = tf.stack([first, tf.range(tf.shape(scores)[1])], -1)  # [B, 2]
    return tf.nest.map_structure(lambda x: tf.gather_nd(x, index), tree)
