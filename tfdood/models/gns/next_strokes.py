"""Where the next stroke of an unfinished drawing starts, on a grid."""

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood import figures
from tfdood.data import datasets
from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.figures import palette
from tfdood.models.gns import frame, location
from tfdood.models.gns import prior as prior_lib
from tfdood.types import SplineStrokes

_SIDE = splat_canvases.IMAGE_SIZE
_NUM_PICTURED, _MOST_ROWS = 10, 4


class NextStroke(NamedTuple):
    """What the prior expects after some strokes.

    Attributes:
        start_density: `[B, 105, 105]`, the density of the start at the centre
            of each pixel, per square pixel.
        stop_probability: `[B]`, that no stroke follows.
    """

    start_density: tf.Tensor
    stop_probability: tf.Tensor


def after(prior: prior_lib.TypePrior, strokes: SplineStrokes) -> NextStroke:
    """Computes what follows some strokes.

    Args:
        prior: the type prior.
        strokes: the strokes so far, leading dimension `[B]`; none if all
            `num_control_points` are 0.

    Returns:
        `NextStroke`.
    """
    points, numbers = strokes
    ink = splat_canvases.stroke_ink(points, numbers)
    canvas = splat_canvases.small(tf.reduce_sum(ink, 1))
    outputs = prior.location(canvas, _last_ends(points, numbers))
    return NextStroke(
        tf.map_fn(_on_grid, outputs),
        tf.sigmoid(prior.termination(canvas)),
    )


def figure(
    expect: Callable[[SplineStrokes], NextStroke],
    strokes: SplineStrokes,
    path: str | os.PathLike,
) -> np.ndarray:
    """Draws where strokes would start, over drawings that grow.

    Args:
        expect: as `after` of a prior.
        strokes: of people, leading dimension `[B]`. Drawings of several strokes
            are shown, at even distances.
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    count = tf.reduce_sum(tf.cast(strokes.num_control_points > 0, tf.int32), 1)
    several = np.flatnonzero(count > 1)
    if not len(several):
        several = np.zeros([1], np.int64)
    chosen = several[datasets.even_rows(len(several), _NUM_PICTURED)]
    points, numbers = (tf.gather(field, chosen) for field in strokes)
    rows, titles = [], []
    for drawn in range(_MOST_ROWS):
        is_drawn = tf.range(tf.shape(numbers)[1]) < drawn
        known = SplineStrokes(points, tf.where(is_drawn, numbers, 0))
        found = expect(known)
        ink = splat_canvases.stroke_ink(*known)
        canvas = splat_canvases.small(tf.reduce_sum(ink, 1))
        is_left = tf.gather(count, chosen) >= drawn
        if not tf.reduce_any(is_left):
            break
        rows.append(
            [
                _tile(canvas[i], found.start_density[i]) if left else None
                for i, left in enumerate(is_left.numpy())
            ]
        )
        titles.append(f"the start of the next stroke, after {drawn}")
    return figures.sheet(rows, titles, path)


def _last_ends(points: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """The end of the last stroke, `[B, 2]`."""
    ends = bspline.points(points, numbers, 2)[:, :, 1]  # [B, T, 2]
    first = tf.fill(tf.shape(ends[:, :1]), frame.FIRST_END)
    count = tf.reduce_sum(tf.cast(numbers > 0, tf.int32), 1)
    return tf.gather(tf.concat([first, ends], 1), count, batch_dims=1)


def _on_grid(outputs: tf.Tensor) -> tf.Tensor:
    """The density `[105, 105]` of one row of outputs."""
    places = tf.range(_SIDE, dtype=tf.float32) + 0.5
    x, y = tf.meshgrid(places, places)
    starts = location.starts(outputs)
    return tf.exp(starts.log_prob(tf.stack([x, y], -1)))


def _tile(canvas: tf.Tensor, density: tf.Tensor) -> np.ndarray:
    """The ink in white and the density in a colour, `[105, 105, 3]`."""
    ink = tf.image.resize(canvas[..., tf.newaxis], [_SIDE, _SIDE]).numpy()
    heat = (density / tf.reduce_max(density)).numpy()[..., np.newaxis]
    return np.clip(ink + heat * palette.rgb(palette.NEW_INK), 0.0, 1.0)
