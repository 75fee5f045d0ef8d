"""Gradient ascent (Adam) in many rows at once, as one loop of a graph."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

_DECAYS, _EPSILON = (0.9, 0.99), 1e-8


class Ascent(NamedTuple):
    """The result of an ascent.

    Attributes:
        score: `[N]`, the largest score of each row.
        best: the point at which each row had its largest score, a structure of
            tensors `[N, ...]`.
        last: the point at which the ascent ended, a structure of the same form.
    """

    score: tf.Tensor
    best: Any
    last: Any


class _State(NamedTuple):
    number: tf.Tensor
    at: Any
    first: Any
    second: Any
    score: tf.Tensor
    best: Any


def ascend(
    score: Callable[[Any, tf.Tensor], tf.Tensor],
    start: Any,
    rates: Any,
    num_steps: int | tf.Tensor,
    last_share: float = 1.0,
) -> Ascent:
    """Increases the score of each row by Adam.

        rate of step n of N = rate * (1 - (1 - last_share) (n - 1) / N)

    The loop is a `tf.while_loop`: the graph does not grow with the steps.

    Args:
        score: maps a point and the number of its step, a float scalar from 1,
            to scores `[N]`. The score of a row depends on this row only.
        start: a structure of tensors `[N, ...]`.
        rates: the same structure of learning rates, scalars or `[N]` each.
        num_steps: at least 0, a scalar or `[N]`; 0 scores the start.
        last_share: the rate after the last step, as a share of the first.

    Returns:
        An `Ascent`; its score is at least that of the start.
    """
    total = tf.cast(num_steps, tf.float32)
    longest = tf.reduce_max(total)
    count = tf.shape(tf.nest.flatten(start)[0])[:1]
    zeros = tf.nest.map_structure(tf.zeros_like, start)
    (a, b), each = _DECAYS, tf.nest.map_structure

    def step(*state: Any) -> _State:
        number, at, first, second, best_score, best = state
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(at)
            scores = score(at, number)
        gradient = tape.gradient(scores, at, unconnected_gradients="zero")
        is_better = scores > best_score
        best = each(lambda x, y: where(is_better, x, y), at, best)
        best_score = tf.where(is_better, scores, best_score)
        first = each(lambda m, g: a * m + (1.0 - a) * g, first, gradient)
        second = each(
            lambda v, g: b * v + (1.0 - b) * tf.square(g), second, gradient
        )
        passed = (number - 1.0) / tf.maximum(total, 1.0)
        share = tf.where(
            number <= total, 1.0 - (1.0 - last_share) * passed, 0.0
        )

        def moved(
            x: tf.Tensor, rate: tf.Tensor, m: tf.Tensor, v: tf.Tensor
        ) -> tf.Tensor:
            root = tf.sqrt(v / (1.0 - b**number)) + _EPSILON
            return x + _of_rows(share * rate, x) * (
                m / (1.0 - a**number) / root
            )

        at = each(moved, at, rates, first, second)
        return _State(number + 1.0, at, first, second, best_score, best)

    # One more than there are steps: the last is only looked at.
    end = _State(
        *tf.while_loop(
            lambda number, *_: number <= longest + 1.0,
            step,
            _State(
                tf.constant(1.0),
                start,
                zeros,
                zeros,
                tf.fill(count, -float("inf")),
                start,
            ),
        )
    )
    return Ascent(end.score, end.best, end.at)


def where(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Takes rows of `a` where `condition` is true, and else of `b`.

    Args:
        condition: `[N]`, bool.
        a: `[N, ...]`.
        b: `[N, ...]`.
    """
    return tf.where(_of_rows(condition, a), a, b)


def _of_rows(x: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """Reshapes a scalar or `[N]` such that it broadcasts to `[N, ...]`."""
    return tf.reshape(x, [-1] + [1] * (like.shape.rank - 1))
