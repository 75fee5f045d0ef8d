"""A deterministic stream of batches from arrays in memory."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.data.datasets import DrawingSet
from tfdood.types import SplineStrokes


class Batch(NamedTuple):
    """The drawings of one training step.

    Attributes:
        images: `[B, H, W, C]`, float32 in [0, 1]; of one channel, where 1 is
            ink, or of three colours.
        labels: `[B]`, int64, indices into the class names of the dataset.
        strokes: how people drew them, leading dimension `B`; `None` if the
            dataset has no strokes.
    """

    images: tf.Tensor
    labels: tf.Tensor
    strokes: SplineStrokes | None = None


def batches(
    drawings: DrawingSet,
    batch_size: int,
    *,
    seed: int | None = None,
    start_step: int = 0,
    rows: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Cuts a set of drawings into batches, in an order that a seed fixes.

    Each batch depends only on the seed and on its number. With a seed, the
    stream is endless: each epoch is a new permutation of the `N` drawings, and
    the epochs are joined and cut into full batches. A batch may hold drawings
    of two epochs:

        stream[p] = permutation(seed, epoch=p // N)[p % N]
        batch[i] = stream[i * B], ..., stream[i * B + B - 1]

    A stream that starts at step `k` therefore gives the same batches as a
    stream that was never interrupted. Without a seed, each drawing comes once,
    in order, and the last batch may be smaller.

    Args:
        drawings: a set that `read` returns. It stays in memory as uint8; each
            batch is converted when it is needed.
        batch_size: number of drawings in a batch, `B`, at least 1.
        seed: any integer that fits int64, or `None` for one pass in order.
        start_step: number of the first batch, at least 0.
        rows: `[N]`, the rows of `drawings` to use; a row may occur several
            times. By default each row once.

    Returns:
        A dataset of `Batch` records.

    Raises:
        ValueError: If a number is out of range, or if the arrays have the
            wrong shape or type.
    """
    _check_numbers(batch_size, start_step)
    _check_arrays(drawings)
    _check_strokes(drawings)
    if rows is None:
        rows = np.arange(len(drawings.labels))
    _check_rows(rows, len(drawings.labels))
    with tf.device("cpu"):
        images = tf.constant(drawings.images)
        labels = tf.constant(drawings.labels, tf.int64)
        strokes = drawings.strokes and tf.nest.map_structure(
            tf.constant, drawings.strokes
        )
        rows = tf.constant(rows, tf.int64)

    def batch(places: tf.Tensor) -> Batch:
        chosen = tf.gather(rows, places)
        ink = tf.cast(tf.gather(images, chosen), tf.float32) / 255.0
        return Batch(
            images=ink,
            labels=tf.gather(labels, chosen),
            strokes=strokes
            and tf.nest.map_structure(lambda x: tf.gather(x, chosen), strokes),
        )

    first = start_step * batch_size
    count = len(rows)
    if seed is None:
        places = tf.data.Dataset.range(first, count)
    else:
        places = _shuffled(count, seed, first)
    places = places.batch(batch_size, drop_remainder=seed is not None)
    return places.map(batch).prefetch(tf.data.AUTOTUNE)


def _shuffled(count: int, seed: int, position: int) -> tf.data.Dataset:
    """The endless stream of numbers below `count`, from a position on."""

    def permutation(epoch: tf.Tensor) -> tf.data.Dataset:
        numbers = tf.random.experimental.stateless_shuffle(
            tf.range(count, dtype=tf.int64), tf.stack([seed, epoch])
        )
        return tf.data.Dataset.from_tensor_slices(numbers)

    seed = tf.constant(seed, tf.int64)
    epochs = tf.data.Dataset.counter(position // count)
    return epochs.flat_map(permutation).skip(position % count)


def _check_numbers(batch_size: int, start_step: int) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
    if start_step < 0:
        raise ValueError(f"start_step must be at least 0, got {start_step}.")


def _check_rows(rows: np.ndarray, num_drawings: int) -> None:
    if len(rows) == 0 or np.min(rows) < 0 or np.max(rows) >= num_drawings:
        raise ValueError(
            f"rows must be at least one number from 0 to {num_drawings - 1}, "
            f"got {rows[:5].tolist()}{' ...' if len(rows) > 5 else ''}."
        )


def _check_arrays(drawings: DrawingSet) -> None:
    images, labels = drawings.images, drawings.labels
    shape = np.shape(images)
    is_square = len(shape) == 4 and shape[1] == shape[2]
    is_known = is_square and shape[3] in (1, 3)
    if not is_known or images.dtype != np.uint8:
        raise ValueError(
            "images must be a uint8 array [N, S, S, 1 or 3], got "
            f"{getattr(images, 'dtype', type(images))} {list(shape)}; "
            "data.read returns such arrays."
        )
    if np.shape(labels) != shape[:1]:
        raise ValueError(
            f"labels must have one entry for each of the {shape[0]} images, "
            f"got the shape {list(np.shape(labels))}; data.read returns such "
            "arrays."
        )
    if not len(labels):
        raise ValueError(
            "A DrawingSet must hold at least one drawing, got 0; give more "
            "drawings."
        )


def _check_strokes(drawings: DrawingSet) -> None:
    if drawings.strokes is None:
        return
    points, numbers = (np.shape(field) for field in drawings.strokes)
    count = len(drawings.labels)
    expected = (count, *numbers[1:], *points[2:3], 2)
    if points != expected or len(numbers) != 2 or numbers[0] != count:
        raise ValueError(
            f"strokes must be control points [{count}, T, N, 2] and their "
            f"numbers [{count}, T], got {list(points)} and {list(numbers)}; "
            "data.read returns such arrays."
        )
