"""The exact expectation over when to stop.

Given layouts and control points for all T strokes, there are only T + 1 ways
to stop, and one pass of inference with every stroke drawn yields them all: the
canvas after n strokes is the drawing that stops there. The sum over n has no
sampling noise, where the score function (`nvil`) has to explore.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.types import Parse


class StopLoss(NamedTuple):
    """What the model minimises, `[P, B]` each.

    Attributes:
        negative_elbo: in nats; its gradient does not go by q(presence).
        presence: a cross-entropy; its gradient goes by q(presence) alone, to
            all that it depends on: weights of its own, and the encoders that
            it shares; without execution guidance and in AIR the RNNs, too.
    """

    negative_elbo: tf.Tensor
    presence: tf.Tensor


def count_probs(parse: Parse) -> tf.Tensor:
    """The posterior probability of each number of strokes, `[P, B, T + 1]`."""
    return tf.exp(presence.log_prob_counts(parse.presence_logits.posterior))


def losses(
    parse: Parse,
    log_likelihoods: tf.Tensor,
    signal_log_likelihoods: tf.Tensor,
    beta: float,
) -> StopLoss:
    """The negative ELBO, summed over when to stop, and the presence's part.

        r(n) = sum_{t <= n} (log p(z_t) - log q(z_t)) + log p(n)
        negative_elbo = -sum_n q(n) (log p(x | n) + r(n) - log q(n))
        presence = -sum_n p*(n) log q(n)

    with z the layouts and control points. In the first sum q(n) is held fixed.
    p*(n) is what q(n) should be, given z:

        p*(n) = softmax_n (log p_s(x | n) / beta + r(n))

    With `beta` 1 and equal likelihoods it is where the ELBO is largest, and
    the cross-entropy has its minimum there, too. The ELBO's own gradient for
    the presence vanishes once q(n) is sure of itself, right or wrong; that of
    the cross-entropy does only where it is right.

    Args:
        parse: one in which every stroke is drawn.
        log_likelihoods: `[P, B, T + 1]`, log p(x | n), after 0 to T strokes.
        signal_log_likelihoods: `[P, B, T + 1]`, log p_s(x | n), those that
            the presence learns from.
        beta: positive; the price of a stroke against its pixels.

    Returns:
        The losses.
    """
    log_q = presence.log_prob_counts(parse.presence_logits.posterior)
    log_p = presence.log_prob_counts(parse.presence_logits.prior)
    ratios = parse.log_prior.layout - parse.log_posterior.layout
    ratios += parse.log_prior.stroke
    ratios -= parse.log_posterior.stroke
    zero = tf.zeros_like(ratios[..., :1])
    ratios = tf.concat([zero, tf.cumsum(ratios, axis=-1)], -1)
    rest = ratios + log_p
    fixed = tf.stop_gradient(log_q)
    target = tf.nn.softmax(signal_log_likelihoods / beta + rest)
    return StopLoss(
        -tf.reduce_sum(tf.exp(fixed) * (log_likelihoods + rest - fixed), -1),
        -tf.reduce_sum(tf.stop_gradient(target) * log_q, -1),
    )
