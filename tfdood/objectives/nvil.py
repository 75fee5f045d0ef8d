"""Neural variational inference and learning (NVIL): gradients of q(presence).

The presence of strokes is discrete. Its posterior therefore learns from a
score-function estimate of the gradient. Three methods reduce the variance of
the estimate: a learning signal of its own for each step, a learned baseline,
and a normalisation by running moments. Source: Mnih and Gregor, "Neural
Variational Inference and Learning in Belief Networks", 2014; paper, App. C.2.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.objectives import elbo
from tfdood.types import Parse


class Moments(NamedTuple):
    """Running moments of the learning signal minus its baseline.

    Attributes:
        mean: scalar, in nats.
        variance: scalar, in nats squared.
        started: scalar, 0 before the first batch and 1 after it.
    """

    mean: tf.Tensor
    variance: tf.Tensor
    started: tf.Tensor


class NvilLoss(NamedTuple):
    """The losses of q(presence) and of the baseline.

    Attributes:
        score: scalar. Its gradient is the score-function estimate of the
            gradient of the negative ELBO; its value has no meaning.
        baseline: scalar, the squared error of the baseline, divided by the
            variance of the signal.
        moments: the moments after this batch.
    """

    score: tf.Tensor
    baseline: tf.Tensor
    moments: Moments


def initial_moments() -> Moments:
    """Returns the moments before the first batch."""
    return Moments(tf.constant(0.0), tf.constant(1.0), tf.constant(0.0))


def learning_signal(
    parse: Parse, signal_log_likelihood: tf.Tensor, beta: float
) -> tf.Tensor:
    """Computes the learning signal of each step's decision.

        S_t = o_{t-1} (sum_{i>=t} (log q(z_i) - log p(z_i)) - log p(x|z) / beta)

    The terms of steps before `t` do not depend on the decision at step `t`;
    the signal leaves them out. The division by beta makes strokes more
    expensive relative to pixels; it applies to this signal only.

    Args:
        parse: samples with leading dimensions `[P, B]`.
        signal_log_likelihood: `[P, B]`, log p(x | z) in nats.
        beta: positive, the price of strokes; 1 gives the gradient of the ELBO.

    Returns:
        `[P, B, T]`, a cost in nats, without gradient.
    """
    to_come = tf.cumsum(-elbo.step_log_ratios(parse), axis=-1, reverse=True)
    cost = to_come - signal_log_likelihood[..., tf.newaxis] / beta
    decided = presence.previous(parse.presence)
    return tf.stop_gradient(decided * cost)


def update_moments(
    moments: Moments,
    values: tf.Tensor,
    mask: tf.Tensor,
    decay: float,
    total: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
) -> Moments:
    """Updates the running moments with the values of a batch.

        mean <- decay mean + (1 - decay) mean of the batch
        variance <- decay variance + (1 - decay) variance of the batch

    The first batch replaces the initial moments.

    Args:
        moments: the moments before this batch.
        values: any shape.
        mask: the same shape, 1 for the values to use, else 0; at least one 1.
        decay: in [0, 1).
        total: sums a tensor over the replicas that share the batch.

    Returns:
        The new moments, without gradient.
    """
    values, mask = tf.stop_gradient(values), tf.stop_gradient(mask)
    count = total(tf.reduce_sum(mask))
    mean = total(tf.reduce_sum(mask * values)) / count
    variance = total(tf.reduce_sum(mask * (values - mean) ** 2)) / count
    keep = decay * moments.started
    return Moments(
        mean=keep * moments.mean + (1.0 - keep) * mean,
        variance=keep * moments.variance + (1.0 - keep) * variance,
        started=tf.ones_like(moments.started),
    )


def nvil_losses(
    parse: Parse,
    signal: tf.Tensor,
    baseline: tf.Tensor,
    moments: Moments,
    decay: float,
    total: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
) -> NvilLoss:
    """Computes the losses of q(presence) and of the baseline.

        A_t = S_t - b_t,   A~_t = (A_t - mean) / max(1, sqrt(variance))
        score = mean_{P,B} sum_t stop_gradient(A~_t) log q(o_t)
        baseline = mean_{P,B} sum_t o_{t-1} (b_t - S_t)^2 / max(1, variance)

    `mean` and `variance` are the moments of A over all steps that make a
    decision, after the update with this batch. The authors' code does not
    divide the baseline's loss by the variance. Undivided, the loss grows with
    the likelihood, from units to millions of nats.

    Args:
        parse: samples with leading dimensions `[P, B]`.
        signal: `[P, B, T]`, from `learning_signal`.
        baseline: `[P, B, T]`, the prediction of the signal, zero after the
            first absent stroke.
        moments: the moments before this batch.
        decay: of the moments, in [0, 1).
        total: sums a tensor over the replicas that share the batch.

    Returns:
        The scalar losses and the new moments.
    """
    decided = presence.previous(parse.presence)
    advantage = tf.stop_gradient(signal) - baseline
    moments = update_moments(moments, advantage, decided, decay, total)
    variance = tf.maximum(moments.variance, 1.0)
    normalised = tf.stop_gradient(advantage - moments.mean) / tf.sqrt(variance)
    score = normalised * parse.log_posterior.presence
    error = decided * advantage**2 / variance
    return NvilLoss(
        score=tf.reduce_mean(tf.reduce_sum(score, axis=-1)),
        baseline=tf.reduce_mean(tf.reduce_sum(error, axis=-1)),
        moments=moments,
    )
