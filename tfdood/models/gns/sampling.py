"""Samples of the type prior of GNS, in the graph, one row for each drawing.

All random numbers are given, so that a row does not depend on the others.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import mixture, presence
from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.models.common import noise as noise_lib
from tfdood.models.gns import (
    frame,
    location,
    mixture_head,
    stroke,
)
from tfdood.models.gns import prior as prior_lib
from tfdood.types import SplineStrokes


class Noise(NamedTuple):
    """Random numbers for `B` drawings of `T` strokes with `N` control points.

    Attributes:
        stop: `[T, B]`, uniform in [0, 1), whether the drawing is finished.
        start_component: `[T, B]`, uniform, selects a component of the mixture.
        start: `[T, B, 2]`, standard normal.
        end: `[T, N, B]`, uniform, whether the stroke ends at a control point.
        offset_component: `[T, N, B]`, uniform.
        offset: `[T, N, B, 2]`, standard normal.
    """

    stop: tf.Tensor
    start_component: tf.Tensor
    start: tf.Tensor
    end: tf.Tensor
    offset_component: tf.Tensor
    offset: tf.Tensor


def draw_noise(
    seed: tf.Tensor | None,
    num_drawings: tf.Tensor | int,
    num_strokes: int,
    num_control_points: int,
) -> Noise:
    """Samples the random numbers of drawings.

    Args:
        seed: int32 `[2]`, or `[B, 2]` with one seed for each drawing.
        num_drawings: `B`.
        num_strokes: `T`.
        num_control_points: `N`.

    Returns:
        `Noise`.

    Raises:
        ValueError: If the seed is None or has another shape.
    """
    seeds = noise_lib.streams(seed, 2)
    size = num_strokes * (1 + num_control_points)
    uniform = noise_lib.uniform(seeds[0], num_drawings, [1, 2 * size])
    normal = noise_lib.normal(seeds[1], num_drawings, [1, 2 * size])

    def strokes(x: tf.Tensor) -> tf.Tensor:  # [T, 1 + N, B, 2]
        shape = [-1, num_strokes, 1 + num_control_points, 2]
        return tf.transpose(tf.reshape(x, shape), [1, 2, 0, 3])

    uniform, normal = strokes(uniform), strokes(normal)
    return Noise(
        stop=uniform[:, 0, :, 0],
        start_component=uniform[:, 0, :, 1],
        start=normal[:, 0],
        end=uniform[:, 1:, :, 0],
        offset_component=uniform[:, 1:, :, 1],
        offset=normal[:, 1:],
    )


class _Drawn(NamedTuple):
    """The strokes so far, and what the next one depends on.

    Attributes:
        strokes: `SplineStrokes`, leading dimension `[B]`.
        ink: `[B, 105, 105]`, of all strokes so far.
        end: `[B, 2]`, the end of the last one, in pixels.
        goes_on: `[B]`, 1 while the drawing is not finished.
    """

    strokes: SplineStrokes
    ink: tf.Tensor
    end: tf.Tensor
    goes_on: tf.Tensor


def drawings(
    prior: prior_lib.TypePrior,
    noise: Noise,
    temperature: tf.Tensor | float = 1.0,
) -> SplineStrokes:
    """Samples drawings.

    A drawing ends after `T` strokes, and a stroke after `N` control points, if
    they did not end before.

    Args:
        prior: the type prior.
        noise: of `B` drawings.
        temperature: from 0 to 1,000, scalar or `[B]`; see
            `mixture_head.mixture`. It divides the log odds of stopping and of
            ending, too.

    Returns:
        The strokes, leading dimension `[B]`.
    """
    num_strokes, num_points = noise.end.shape[:2]
    count = tf.shape(noise.stop)[1]
    side = splat_canvases.IMAGE_SIZE
    nothing = _Drawn(
        SplineStrokes(
            tf.zeros([count, num_strokes, num_points, 2]),
            tf.zeros([count, num_strokes], tf.int32),
        ),
        tf.zeros([count, side, side]),
        tf.fill([count, 2], frame.FIRST_END),
        tf.ones([count]),
    )

    def add(t: tf.Tensor, drawn: _Drawn) -> tuple[tf.Tensor, _Drawn]:
        own = Noise(*(numbers[t] for numbers in noise))
        return t + 1, _with_stroke(prior, drawn, t, own, temperature)

    _, drawn = tf.while_loop(
        lambda t, drawn: (t < num_strokes) & tf.reduce_any(drawn.goes_on > 0.0),
        add,
        (tf.constant(0), nothing),
    )
    return drawn.strokes


def _with_stroke(
    prior: prior_lib.TypePrior,
    drawn: _Drawn,
    t: tf.Tensor,
    noise: Noise,
    temperature: tf.Tensor | float,
) -> _Drawn:
    """Adds stroke `t` to the drawings that are not finished."""
    canvas = splat_canvases.small(drawn.ink)
    logits = -prior.termination(canvas) / mixture_head.cold(temperature)[..., 0]
    goes_on = presence.sample_step(drawn.goes_on, logits, noise.stop)
    start = mixture.from_noise(
        location.starts(prior.location(canvas, drawn.end), temperature),
        noise.start_component,
        noise.start,
    )
    points, number = _stroke(prior.stroke, canvas, start, noise, temperature)
    number *= tf.cast(goes_on, tf.int32)
    is_point = tf.range(tf.shape(points)[1]) < number[:, tf.newaxis]
    points = tf.where(is_point[..., tf.newaxis], points, 0.0)
    end = bspline.points(points, number, 2)[:, 1]
    place = tf.one_hot(t, drawn.strokes.num_control_points.shape[1])  # [T]
    return _Drawn(
        SplineStrokes(
            drawn.strokes.control_points
            + place[:, tf.newaxis, tf.newaxis] * points[:, tf.newaxis],
            drawn.strokes.num_control_points
            + tf.cast(place, tf.int32) * number[:, tf.newaxis],
        ),
        drawn.ink + splat_canvases.stroke_ink(points, number),
        tf.where(goes_on[:, tf.newaxis] > 0.0, end, drawn.end),
        goes_on,
    )


def _stroke(
    model: stroke.StrokeModel,
    canvas: tf.Tensor,
    start: tf.Tensor,
    noise: Noise,
    temperature: tf.Tensor | float,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Samples strokes: control points `[B, N, 2]`, and their numbers `[B]`."""
    num_points = noise.end.shape[0]
    degree = mixture_head.cold(temperature)[..., 0]
    embedded_start, memory, state = model.begin(canvas, start)

    def advance(
        t: tf.Tensor,
        state: stroke.State,
        offset: tf.Tensor,
        offsets: tf.Tensor,
        count: tf.Tensor,
        goes_on: tf.Tensor,
    ) -> tuple:
        embedded = model.embed_offsets(offset)
        state, features = model.step(memory, state, embedded)
        outputs, ends = model.outputs(features, embedded, embedded_start)
        goes_on = presence.sample_step(goes_on, -ends / degree, noise.end[t])
        offset = mixture.from_noise(
            stroke.offsets(outputs, temperature),
            noise.offset_component[t],
            noise.offset[t],
        )
        place = tf.one_hot(t, num_points - 1)[:, tf.newaxis]  # [N - 1, 1]
        seen = place * (goes_on[:, tf.newaxis] * offset)[:, tf.newaxis]
        return (
            t + 1,
            state,
            offset,
            offsets + seen,
            count + goes_on,
            goes_on,
        )

    zero = tf.zeros_like(start)
    nothing = tf.zeros([tf.shape(start)[0], num_points - 1, 2])
    *_, offsets, count, _ = tf.while_loop(
        lambda t, *rest: (t < num_points - 1) & tf.reduce_any(rest[-1] > 0.0),
        advance,
        (
            tf.constant(0),
            state,
            zero,
            nothing,
            zero[:, 0],
            tf.ones_like(zero[:, 0]),
        ),
    )
    return points_of(start, offsets), 1 + tf.cast(count, tf.int32)


def points_of(start: tf.Tensor, offsets: tf.Tensor) -> tf.Tensor:
    """Computes the control points of strokes.

    A curve starts at `0.8 P_0 + 0.2 P_1`, see `bspline`, or at `P_0` if this is
    the only one.

    Args:
        start: `[B, 2]`, of the curve.
        offsets: `[B, N - 1, 2]`, between control points.

    Returns:
        `[B, N, 2]`.
    """
    first = start - 0.2 * offsets[:, 0]
    steps = tf.concat([first[:, tf.newaxis], offsets], 1)
    return tf.cumsum(steps, 1)
