"""Drawings as rows: one for each stroke and one for each decision to stop.

Drawings have different numbers of strokes. The networks see the strokes that
exist, and no padding; and each canvas is drawn once for all networks.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.models.gns import frame
from tfdood.types import SplineStrokes


class StrokeRows(NamedTuple):
    """All strokes of some drawings; those with most control points come first.

    If the drawings have no stroke, there is one row of padding.

    Attributes:
        index: `[R, 2]`, int64, the drawing and the number of the stroke in it.
        canvas: `[R, 28, 28]`, before the stroke.
        previous_end: `[R, 2]`, the last point of the stroke before, in pixels;
            `frame.FIRST_END` for the first stroke.
        start: `[R, 2]`, the first point of the curve, in pixels.
        offsets: `[R, N - 1, 2]`, from each control point to the next one, in
            pixels; 0 after the last one.
        number: `[R]`, int32, of control points, from 1.
    """

    index: tf.Tensor
    canvas: tf.Tensor
    previous_end: tf.Tensor
    start: tf.Tensor
    offsets: tf.Tensor
    number: tf.Tensor


class StopRows(NamedTuple):
    """All decisions whether to stop: before each stroke, and after the last.

    Attributes:
        index: `[S, 2]`, int64, the drawing and the number of strokes drawn.
        canvas: `[S, 28, 28]`.
        is_last: `[S]`, bool, whether the drawing stops.
    """

    index: tf.Tensor
    canvas: tf.Tensor
    is_last: tf.Tensor


class Rows(NamedTuple):
    """The rows of drawings.

    Attributes:
        strokes: `StrokeRows`.
        stops: `StopRows`.
        is_stroke: `[B, T]`, bool.
    """

    strokes: StrokeRows
    stops: StopRows
    is_stroke: tf.Tensor

    def by_stroke(self, values: tf.Tensor) -> tf.Tensor:
        """Arranges values of strokes, `[R]`, as `[B, T]`; others are 0."""
        shape = tf.shape(self.is_stroke, tf.int64)
        arranged = tf.scatter_nd(self.strokes.index, values, shape)
        return tf.where(self.is_stroke, arranged, 0.0)

    def by_stop(self, values: tf.Tensor) -> tf.Tensor:
        """Arranges values of stops, `[S]`, as `[B, T + 1]`; others are 0."""
        shape = tf.shape(self.is_stroke, tf.int64) + [0, 1]
        return tf.scatter_nd(self.stops.index, values, shape)


def of(drawings: SplineStrokes) -> Rows:
    """Arranges drawings as rows.

    Args:
        drawings: leading dimension `[B]`. `N` is known when the graph is built.

    Returns:
        The rows; gradients flow from them to the control points.
    """
    numbers = drawings.num_control_points
    is_stroke = numbers > 0
    index = tf.where(_rows(is_stroke))
    number = tf.maximum(tf.gather_nd(numbers, index), 1)
    order = tf.argsort(number, direction="DESCENDING", stable=True)
    index, number = tf.gather(index, order), tf.gather(number, order)
    points = tf.gather_nd(drawings.control_points, index)
    start, end = tf.unstack(bspline.points(points, number, 2), axis=1)
    shape = tf.shape(numbers, tf.int64)
    ends = tf.scatter_nd(index, end, tf.concat([shape, [2]], 0))
    first = tf.fill(tf.concat([shape[:1], [1, 2]], 0), frame.FIRST_END)
    ends = tf.concat([first, ends], 1)  # [B, T + 1, 2]
    stops, place = _stops(points, index, number, is_stroke)
    strokes = StrokeRows(
        index=index,
        canvas=tf.gather(stops.canvas, tf.gather_nd(place, index)),
        previous_end=tf.gather_nd(ends, index),
        start=start,
        offsets=offsets(points, number),
        number=number,
    )
    return Rows(strokes, stops, is_stroke)


def offsets(control_points: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
    """Computes the offsets of strokes.

    Args:
        control_points: `[R, N, 2]`.
        number: `[R]`, of control points.

    Returns:
        `[R, N - 1, 2]`; 0 after the last control point.
    """
    count = control_points.shape[1] - 1
    is_offset = tf.range(count) < number[:, tf.newaxis] - 1
    steps = control_points[:, 1:] - control_points[:, :-1]
    return tf.where(is_offset[..., tf.newaxis], steps, 0.0)


def _rows(is_stroke: tf.Tensor) -> tf.Tensor:
    """The places `[B, T]` that get a row: at least one.

    If there is no stroke, the first place gets a row, which `Rows.by_stroke`
    drops: convolutions of TensorFlow fail without rows.
    """
    is_first = tf.scatter_nd([[0, 0]], [True], tf.shape(is_stroke))
    return is_stroke | (is_first & ~tf.reduce_any(is_stroke))


def _stops(
    points: tf.Tensor,
    index: tf.Tensor,
    number: tf.Tensor,
    is_stroke: tf.Tensor,
) -> tuple[StopRows, tf.Tensor]:
    """All decisions to stop, and the row `[B, T + 1]` of each of them."""
    count = tf.reduce_sum(tf.cast(is_stroke, tf.int32), 1)  # [B]
    most = tf.maximum(tf.reduce_max(count), 1)
    ink = tf.scatter_nd(
        index,
        splat_canvases.stroke_ink(points, number),
        tf.cast(
            [tf.size(count), most, *2 * [splat_canvases.IMAGE_SIZE]], tf.int64
        ),
    )
    is_stop = tf.range(tf.shape(is_stroke)[1] + 1) <= count[:, tf.newaxis]
    stop_index = tf.where(is_stop)
    canvas = splat_canvases.small(
        tf.gather_nd(splat_canvases.before(ink), stop_index)
    )
    is_last = stop_index[:, 1] == tf.cast(
        tf.gather(count, stop_index[:, 0]), tf.int64
    )
    place = tf.scatter_nd(
        stop_index,
        tf.range(tf.shape(stop_index)[0]),
        tf.shape(is_stop, tf.int64),
    )
    return StopRows(stop_index, canvas, is_last), place
