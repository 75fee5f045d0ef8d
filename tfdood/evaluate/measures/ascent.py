"""Gradient ascent of many scores at once."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

_DECAYS, _EPSILON = (0.9, 0.99), 1e-8

Variables = tuple[tf.Tensor, ...]


def maximise(
    score: Callable[[Variables], tf.Tensor],
    start: Variables,
    rates: Sequence[float],
    num_steps: tf.Tensor,
) -> tuple[tf.Tensor, Variables]:
    """Adam, in steps each smaller than the last; the best seen is kept.

    Args:
        score: from variables to their scores `[N]`; row i of the scores
            depends on row i of the variables alone.
        start: of the variables, each `[N, ...]`.
        rates: of learning, one for each variable.
        num_steps: int32 scalar; 0 scores the start.

    Returns:
        The best scores `[N]`, and the variables that have them.
    """
    last = tf.cast(num_steps, tf.float32)
    zeros = tuple(map(tf.zeros_like, start))
    a, b = _DECAYS

    def step(
        number: tf.Tensor,
        at: Variables,
        first: Variables,
        second: Variables,
        best_score: tf.Tensor,
        best: Variables,
    ) -> tuple:
        with tf.GradientTape() as tape:
            tape.watch(at)
            now = score(at)
        gradients = tape.gradient(
            now, at, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        is_better = now > best_score
        best = tuple(map(lambda x, y: _where(is_better, x, y), at, best))
        best_score = tf.where(is_better, now, best_score)
        first = tuple(
            a * m + (1.0 - a) * g for m, g in zip(first, gradients, strict=True)
        )
        second = tuple(
            b * v + (1.0 - b) * tf.square(g)
            for v, g in zip(second, gradients, strict=True)
        )
        fraction = 1.0 - (number - 1.0) / tf.maximum(last, 1.0)
        at = tuple(
            x
            + fraction
            * rate
            * (m / (1.0 - a**number))
            / (tf.sqrt(v / (1.0 - b**number)) + _EPSILON)
            for x, rate, m, v in zip(at, rates, first, second, strict=True)
        )
        return number + 1.0, at, first, second, best_score, best

    num_rows = tf.shape(start[0])[:1]
    state = (
        *(tf.constant(1.0), start, zeros, zeros),
        *(tf.fill(num_rows, -np.inf), start),
    )
    # One more than there are steps: the last is only looked at.
    *_, best_score, best = tf.while_loop(
        lambda number, *_: number <= last + 1.0, step, state
    )
    return best_score, best


def _where(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Chooses rows by `condition`, `[N]`."""
    shape = tf.concat([tf.shape(condition), tf.ones_like(tf.shape(a)[1:])], 0)
    return tf.where(tf.reshape(condition, shape), a, b)
