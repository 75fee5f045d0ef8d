"""The exact expectation over when to stop.

Given layouts and control points for all T strokes, there are only T + 1 ways
to stop, and one pass of inference with every stroke drawn yields them all: the
canvas after n strokes is the drawing that stops there. The sum over n has no
sampling noise, where the score function (`nvil`) has to explore.
"""

import math
from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.drawings import Parse


class StopLoss(NamedTuple):
    """What the model minimises, `[P, B]` each.

    Attributes:
        negative_elbo: in nats; its gradient goes to all but the presence.
        presence: whose gradient is that of the presence alone.
        unstopped: the negative ELBO, but for the presence, of drawings with
            all strokes. Strokes that the presence gives up do not learn from
            the others, and are of no use when drawings of another kind need
            them.
    """

    negative_elbo: tf.Tensor
    presence: tf.Tensor
    unstopped: tf.Tensor


def count_probs(parse: Parse) -> tf.Tensor:
    """The posterior probability of each number of strokes, `[P, B, T + 1]`."""
    return tf.exp(presence.log_prob_counts(parse.presence_logits.posterior))


def losses(
    parse: Parse,
    log_likelihoods: tf.Tensor,
    signal_log_likelihoods: tf.Tensor,
    beta: float,
    max_advantage: float = math.inf,
) -> StopLoss:
    """The negative ELBO, summed over when to stop, and the presence's part.

        r(n) = sum_{t <= n} (log p(z_t) - log q(z_t)) + log p(n)
        negative_elbo = -sum_n q(n) (log p(x | n) + r(n) - log q(n))
        presence = -sum_t stop(q(n >= t - 1) A_t) sigmoid(logits_t)
        unstopped = -(log p(x | T) + r(T) - log p(T))

    with z the layouts and control points. In the first sum q(n) is held fixed.
    A_t is the advantage of going on to stroke t: with the signal

        s(n) = log p_s(x | n) / beta + r(n) - log q(n)

    it is the expectation of s(n) given n >= t, less s(t - 1), and cut off at
    `max_advantage` either way. Else the first strokes, without which nothing
    is drawn, outweigh all others by far, and take them along until the
    presence is saturated. Without the bound, the gradient is that of
    -sum_n q(n) stop(s(n)).

    Args:
        parse: one in which every stroke is drawn.
        log_likelihoods: `[P, B, T + 1]`, log p(x | n), after 0 to T strokes.
        signal_log_likelihoods: `[P, B, T + 1]`, log p_s(x | n), those that
            the presence learns from.
        beta: positive; with 1 and equal likelihoods, both together have the
            gradient of the negative ELBO.
        max_advantage: in nats, positive.

    Returns:
        The losses.
    """
    logits = parse.presence_logits.posterior
    log_q = presence.log_prob_counts(logits)
    log_p = presence.log_prob_counts(parse.presence_logits.prior)
    ratios = parse.log_prior.layout - parse.log_posterior.layout
    ratios += parse.log_prior.control_points
    ratios -= parse.log_posterior.control_points
    zero = tf.zeros_like(ratios[..., :1])
    ratios = tf.concat([zero, tf.cumsum(ratios, axis=-1)], -1)
    rest = ratios + log_p
    fixed = tf.stop_gradient(log_q)
    signal = signal_log_likelihoods / beta + rest - log_q
    return StopLoss(
        -tf.reduce_sum(tf.exp(fixed) * (log_likelihoods + rest - fixed), -1),
        _presence_loss(logits, signal, max_advantage),
        -(log_likelihoods + ratios)[..., -1],
    )


def _presence_loss(logits, signal, max_advantage):
    """See `losses`; `signal` is `[P, B, T + 1]`."""
    goes_on = tf.sigmoid(logits)
    probs, signals = tf.unstack(goes_on, axis=-1), tf.unstack(signal, axis=-1)
    value, advantages = signals[-1], []  # of drawings with so many strokes
    for prob, stopped in zip(probs[::-1], signals[-2::-1], strict=True):
        advantages.append(value - stopped)
        value = stopped + prob * (value - stopped)
    advantages = tf.clip_by_value(
        tf.stack(advantages[::-1], -1), -max_advantage, max_advantage
    )
    reached = tf.math.cumprod(goes_on, axis=-1, exclusive=True)
    return -tf.reduce_sum(tf.stop_gradient(reached * advantages) * goes_on, -1)
