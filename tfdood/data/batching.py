"""From arrays in memory to a deterministic stream of batches."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.data.datasets import DrawingSet


class Batch(NamedTuple):
    images: tf.Tensor
    labels: tf.Tensor


def batches(
    drawings: DrawingSet,
    batch_size: int,
    *,
    seed: int | None = None,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Batches of drawings, each a pure function of the seed and its number.

    With a seed, the endless stream is the concatenation of one permutation of
    the drawings after another, cut into full batches (which may straddle two
    epochs):

        stream[p] = permutation(seed, epoch=p // N)[p % N]
        batch[i] = stream[i * B], ..., stream[i * B + B - 1]

    so starting at step `k` gives the same batches as never having stopped, and
    replays none of them. Without a seed, the drawings come once, in order, and
    the last batch may be short.

    Args:
        drawings: as given by `read`; uint8 in memory, converted by the batch.
        batch_size: `B`, at least 1.
        seed: of the order, or `None` for a single pass in order.
        start_step: number of the first batch.

    Returns:
        A dataset of `(images, labels)`: float32 `[B, S, S, 1]` in [0, 1], and
        int64 `[B]`.

    Raises:
        ValueError: If a number is out of range or the arrays are not those of
            a `DrawingSet`.
    """
    _check_numbers(batch_size, start_step)
    _check_arrays(drawings)
    with tf.device("cpu"):
        images = tf.constant(drawings.images)
        labels = tf.constant(drawings.labels, tf.int64)

    def batch(rows):
        ink = tf.cast(tf.gather(images, rows), tf.float32) / 255.0
        return Batch(ink, tf.gather(labels, rows))

    first_row = start_step * batch_size
    num_drawings = len(drawings.labels)
    if seed is None:
        rows = tf.data.Dataset.range(first_row, num_drawings)
    else:
        rows = _shuffled_rows(num_drawings, seed, first_row)
    rows = rows.batch(batch_size, drop_remainder=seed is not None)
    return rows.map(batch).prefetch(tf.data.AUTOTUNE)


def _shuffled_rows(
    num_drawings: int, seed: int, position: int
) -> tf.data.Dataset:
    """The endless stream of rows, from a position on."""

    def permutation(epoch):
        rows = tf.random.experimental.stateless_shuffle(
            tf.range(num_drawings, dtype=tf.int64), tf.stack([seed, epoch])
        )
        return tf.data.Dataset.from_tensor_slices(rows)

    seed = tf.constant(seed, tf.int64)
    epochs = tf.data.Dataset.counter(position // num_drawings)
    return epochs.flat_map(permutation).skip(position % num_drawings)


def _check_numbers(batch_size: int, start_step: int) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
    if start_step < 0:
        raise ValueError(f"start_step must be at least 0, got {start_step}.")


def _check_arrays(drawings: DrawingSet) -> None:
    images, labels = drawings.images, drawings.labels
    shape = np.shape(images)
    is_square = len(shape) == 4 and shape[1] == shape[2] and shape[3] == 1
    if not is_square or images.dtype != np.uint8:
        raise ValueError(
            "images must be a uint8 array [N, S, S, 1], got "
            f"{getattr(images, 'dtype', type(images))} {list(shape)}; "
            "data.read gives such arrays."
        )
    if np.shape(labels) != shape[:1]:
        raise ValueError(
            f"labels must have one entry for each of the {shape[0]} images, "
            f"got the shape {list(np.shape(labels))}."
        )
    if not len(labels):
        raise ValueError("A DrawingSet must hold at least one drawing, got 0.")
