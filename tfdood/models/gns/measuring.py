"""Nats of people's strokes: of starts, of offsets and of stops."""

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.models.base import Ratio
from tfdood.models.gns import prior
from tfdood.types import SplineStrokes


def checked(batch: Batch) -> SplineStrokes:
    """Takes the strokes of a batch.

    Args:
        batch: of a dataset with strokes.

    Returns:
        The strokes, leading dimension `[B]`.

    Raises:
        ValueError: If the dataset has no strokes.
    """
    if batch.strokes is None:
        raise ValueError(
            "GNS learns from the strokes of people, got a dataset of images "
            "without strokes; use --dataset=omniglot_strokes."
        )
    return batch.strokes


def measures(
    log_probs: prior.TypeLogProbs, strokes: SplineStrokes
) -> dict[str, Ratio]:
    """Measures the parts of the prior in nats; less is better.

    Args:
        log_probs: of `B` drawings.
        strokes: of the same drawings.

    Returns:
        `start`, of the start of a stroke; `end`, of a decision to end a stroke
        or not; `offset`, of an offset together with these decisions; `stop`, of
        a decision to finish the drawing or not; `drawing`, of all. Densities
        are those of pixels.
    """
    number = strokes.num_control_points
    num_strokes = _sum(tf.cast(number > 0, tf.float32))
    num_ends = _sum(tf.cast(number, tf.float32))
    ends = -_sum(log_probs.ends)
    return {
        "start": Ratio(-_sum(log_probs.starts), num_strokes),
        "end": Ratio(ends, num_ends),
        "offset": Ratio(ends - _sum(log_probs.offsets), num_ends - num_strokes),
        "stop": Ratio(-_sum(log_probs.stops), num_strokes + 1.0),
        "drawing": Ratio(-log_probs.total, tf.ones_like(num_strokes)),
    }


def _sum(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values, -1)
