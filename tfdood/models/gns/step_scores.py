"""The densities of single steps of a drawing, from which orders are searched.

All rows are independent, so that a server may batch them.
"""

import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.models.gns import location, rows, stroke_scores
from tfdood.models.gns import prior as prior_lib


def of_starts(
    prior: prior_lib.TypePrior,
    canvas_before: tf.Tensor,
    previous_end: tf.Tensor,
    starts: tf.Tensor,
) -> tf.Tensor:
    """Computes log densities of starts of the next stroke.

    Args:
        prior: the type prior.
        canvas_before: `[B, 28, 28]`, the strokes so far, see
            `splat_canvases.small`.
        previous_end: `[B, 2]`, the last point of the last stroke, in pixels;
            `frame.FIRST_END` for the first stroke.
        starts: `[B, M, 2]`, in pixels.

    Returns:
        `[B, M]`, in nats, with respect to pixels.
    """
    outputs = prior.location(canvas_before, previous_end)
    distribution = location.starts(outputs[:, tf.newaxis])
    return distribution.log_prob(starts)


def of_strokes(
    prior: prior_lib.TypePrior,
    canvas_before: tf.Tensor,
    control_points: tf.Tensor,
    num_control_points: tf.Tensor,
) -> tf.Tensor:
    """Computes log densities of the next stroke, given its start.

    Args:
        prior: the type prior.
        canvas_before: `[B, 28, 28]`, the strokes so far.
        control_points: `[B, N, 2]`, in pixels; `N` is known when the graph is
            built.
        num_control_points: `[B]`, from 1.

    Returns:
        `[B]`, in nats, with respect to pixels.
    """
    order = tf.argsort(num_control_points, direction="DESCENDING", stable=True)
    canvas, points, number = (
        tf.gather(x, order)
        for x in (canvas_before, control_points, num_control_points)
    )
    start = bspline.points(points, number, 2)[:, 0]
    offsets = rows.offsets(points, number)
    scores = stroke_scores.scores(prior.stroke, canvas, start, offsets, number)
    return tf.gather(scores.offsets + scores.ends, tf.argsort(order))


def of_stops(prior: prior_lib.TypePrior, canvas_before: tf.Tensor) -> tf.Tensor:
    """Computes the log odds that drawings are finished.

    Args:
        prior: the type prior.
        canvas_before: `[B, 28, 28]`, the strokes so far.

    Returns:
        `[B]`.
    """
    return prior.termination(canvas_before)
