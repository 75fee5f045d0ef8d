"""Refinement: gradient ascent from a parse to a better one of the same image.

Layouts, control points and the pen change so that

    log p(image | strokes, pen) + log p(strokes)

grows. Presence does not change.

The control points of a stroke move along `bernstein.even_directions`: a step
of any of them moves the curve equally far.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.drawing.curves import bernstein
from tfdood.models.dood import core, densities, generative
from tfdood.models.dood import pen as pen_lib
from tfdood.objectives import ascent
from tfdood.types import Pen

LEARNING_RATE = 0.005
"""The learning rate of layouts, and of control points along directions."""

PEN_FACTOR = 20.0
"""The rate of the pen's logits over that of layouts and control points."""


class Explanation(NamedTuple):
    """Strokes that explain images, and how well, leading dimension `[B]`.

    Attributes:
        latents: the strokes.
        pen: that draws them.
        log_prior: `[B]`, log p(strokes) in nats.
        log_likelihood: `[B]`, log p(image | strokes, pen) in nats.
    """

    latents: generative.Latents
    pen: Pen
    log_prior: tf.Tensor
    log_likelihood: tf.Tensor


class Rates(NamedTuple):
    """The learning rates, scalars or `[B]`.

    Attributes:
        strokes: of layouts and control points.
        pen: of the pen's logits; 0 if the pen stays as it is.
    """

    strokes: tf.Tensor | float
    pen: tf.Tensor | float


class _Point(NamedTuple):
    layout: tf.Tensor
    bend: tf.Tensor  # Of control points, along even directions.
    pen_logits: Pen


def refine(
    model: core.DoodCore,
    images: tf.Tensor,
    latents: generative.Latents,
    pen: Pen,
    num_steps: int | tf.Tensor,
    rates: Rates,
) -> Explanation:
    """Improves strokes and pen by gradient ascent (Adam).

    During the ascent, the prior of each stroke depends on the canvas and the
    states before it as they were at the start; this saves most of the
    time. At the end, the exact densities decide between the result and the
    start, so that no explanation gets worse.

    Args:
        model: whose densities grow.
        images: `[B, H, W, 1]` in [0, 1], white ink on black.
        latents: the start, leading dimension `[B]`.
        pen: the start, leading dimension `[B]`. If the ascent changes the pen,
            the numbers of the pen are first moved into the ranges of the
            model's pens.
        num_steps: at least 0, a scalar or `[B]`.
        rates: the learning rates.

    Returns:
        The best `Explanation` of each image.
    """
    min_blur = model.settings.min_blur
    conditions = model.generative.conditions(
        latents, model.draw_steps(latents, pen)
    )

    moves_pen = tf.logical_and(
        tf.broadcast_to(rates.pen > 0.0, tf.shape(images)[:1]), num_steps > 0
    )

    directions = tf.constant(
        bernstein.even_directions(latents.stroke.shape[-2]), tf.float32
    )

    def at(point: _Point) -> tuple[generative.Latents, Pen]:
        moved = latents._replace(
            layout=point.layout,
            stroke=latents.stroke + tf.linalg.matmul(directions, point.bend),
        )
        moved_pen = pen_lib.from_logits(point.pen_logits, min_blur)
        return moved, tf.nest.map_structure(
            lambda new, old: ascent.where(moves_pen, new, old), moved_pen, pen
        )

    def score(point: _Point, number: tf.Tensor) -> tf.Tensor:
        del number
        moved, moved_pen = at(point)
        log_prior, _ = densities.log_prior(
            model.generative.prior, moved, conditions
        )
        canvas = model.draw(moved, moved_pen)
        return tf.reduce_sum(sum(log_prior), -1) + model.log_likelihood(
            images, canvas
        )

    start = _Point(
        latents.layout,
        tf.zeros_like(latents.stroke),
        pen_lib.to_logits(pen, min_blur),
    )
    found = ascent.ascend(
        score,
        start,
        _Point(rates.strokes, rates.strokes, Pen(*[rates.pen] * 3)),
        num_steps,
    )

    @tf.function(autograph=False)  # Traced once for both.
    def explained(latents: generative.Latents, pen: Pen) -> Explanation:
        return Explanation(
            latents,
            pen,
            model.log_prior(latents, pen),
            model.log_likelihood(images, model.draw(latents, pen)),
        )

    return _better(explained(latents, pen), explained(*at(found.best)))


def _better(a: Explanation, b: Explanation) -> Explanation:
    """The more probable explanation of each row."""
    is_b = b.log_prior + b.log_likelihood > a.log_prior + a.log_likelihood
    return tf.nest.map_structure(lambda x, y: ascent.where(is_b, y, x), a, b)
