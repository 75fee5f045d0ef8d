"""Neural variational inference and learning: gradients for the presence.

The presence of strokes is discrete, so its posterior learns from the score
function, with the local learning signal, the learned baseline and the
running normalisation of Mnih and Gregor, "Neural Variational Inference and
Learning in Belief Networks", 2014. Paper, App. C.2.
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
    """What the presence and the baseline minimise.

    Attributes:
        score: scalar, whose gradient is the score-function estimate of the
            gradient of the negative ELBO; its value means nothing.
        baseline: scalar, the squared error of the baseline, in units of the
            variance by which the signal is divided.
        moments: the moments with this batch counted in.
    """

    score: tf.Tensor
    baseline: tf.Tensor
    moments: Moments


def initial_moments() -> Moments:
    """The moments before the first batch."""
    return Moments(tf.constant(0.0), tf.constant(1.0), tf.constant(0.0))


def learning_signal(
    parse: Parse, signal_log_likelihood: tf.Tensor, beta: float
) -> tf.Tensor:
    """The cost that follows from each step's choice of presence.

        S_t = o_{t-1} (sum_{i>=t} (log q(z_i) - log p(z_i)) - log p(x|z) / beta)

    Earlier steps do not depend on the choice and are left out. Dividing the
    likelihood by beta makes strokes dearer, in this signal only.

    Args:
        parse: samples with leading dimensions `[P, B]`.
        signal_log_likelihood: `[P, B]`, log p(x | z) in nats.
        beta: positive; 1 gives the gradient of the ELBO.

    Returns:
        `[P, B, T]`, in nats, to be minimised, without gradient.
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
    """Moves the moments towards those of a batch; the first batch sets them.

        mean <- decay mean + (1 - decay) batch mean,   variance likewise

    Args:
        moments: so far.
        values: any shape.
        mask: of the same shape, 1 for the values that count, at least one.
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
    """The losses of the presence's posterior and of its baseline.

        A_t = S_t - b_t,   A~_t = (A_t - mean) / max(1, sqrt(variance))
        score = mean_{P,B} sum_t stop(A~_t) log q(o_t)
        baseline = mean_{P,B} sum_t o_{t-1} (b_t - S_t)^2 / max(1, variance)

    with the moments of A over all steps still decided, this batch counted in.
    The authors leave the baseline's loss undivided; divided, its size does not
    follow the likelihood's from units to millions.

    Args:
        parse: samples with leading dimensions `[P, B]`.
        signal: `[P, B, T]`, from `learning_signal`.
        baseline: `[P, B, T]`, the guess of the signal, zero after the first
            absent stroke.
        moments: before this batch.
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
