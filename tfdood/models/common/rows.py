"""Rows: two leading axes of tensors merged into one, and split again."""

from typing import Any

import tensorflow as tf


def merge(x: tf.Tensor) -> tf.Tensor:
    """Merges the first two axes, `[N, T, ...]` to `[N * T, ...]`."""
    # A size of -1 would not work for tensors without values.
    count = tf.reduce_prod(tf.shape(x)[:2])
    return tf.reshape(x, tf.concat([[count], x.shape[2:]], 0))


def unmerge(tree: Any, leading: list) -> Any:
    """Splits the first axis of tensors, `[N, ...]` to `[P, B, ...]`.

    Args:
        tree: a structure of tensors with `N = P * B` rows; the axis `P` is the
            outer one.
        leading: `P` and `B`.

    Returns:
        The structure with tensors `[P, B, ...]`.
    """
    return tf.nest.map_structure(
        lambda x: tf.reshape(x, tf.concat([leading, x.shape[1:]], 0)), tree
    )


def best(tree: Any, scores: tf.Tensor) -> Any:
    """Selects the particle with the largest score for each image.

    Args:
        tree: a structure of tensors `[P, B, ...]`.
        scores: `[P, B]`.

    Returns:
        The structure with tensors `[B, ...]`.
    """
    first = tf.argmax(scores, output_type="int32")
    index = tf.stack([first, tf.range(tf.shape(scores)[1])], -1)  # [B, 2]
    return tf.nest.map_structure(lambda x: tf.gather_nd(x, index), tree)


def single(tree: Any) -> Any:
    """Removes the axis of a single particle, `[1, B, ...]` to `[B, ...]`."""
    return tf.nest.map_structure(lambda x: x[0], tree)
