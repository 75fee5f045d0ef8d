"""The exact expectation over the number of strokes.

Given the layouts and strokes of all `T` steps, a drawing can stop after 0, 1,
..., `T` strokes. One pass of inference with all strokes present gives all
`T + 1` drawings: the drawing that stops after n strokes is the canvas after
n strokes. The loss is a sum over n, without sampling noise from n. The
score-function estimate (`nvil`) samples n instead.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.types import Parse


class StopLoss(NamedTuple):
    """The two parts of the loss, `[P, B]` each, in nats.

    Attributes:
        negative_elbo: the negative ELBO. No gradient flows through q(presence).
        presence: the cross-entropy of q(presence). Its gradient flows only
            through q(presence), to all weights that q(presence) depends on:
            its own, those of the shared encoders and, in AIR or without
            execution guidance, those of the RNNs. These RNNs read samples of
            earlier steps: layouts and codes in AIR, layouts in DooD. So a part
            of the gradient also reaches the weights of q(layout) and q(code).
            This part does not belong to the gradient of the ELBO.
    """

    negative_elbo: tf.Tensor
    presence: tf.Tensor


def count_probs(parse: Parse) -> tf.Tensor:
    """Computes the posterior probability of each number of strokes.

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B, T + 1]`, q(n) for n = 0, ..., T.
    """
    return tf.exp(presence.log_prob_counts(parse.presence_logits.posterior))


def losses(
    parse: Parse,
    log_likelihoods: tf.Tensor,
    signal_log_likelihoods: tf.Tensor,
    beta: float,
) -> StopLoss:
    """Computes the negative ELBO and the cross-entropy of q(presence).

        r(n) = sum_{t <= n} (log p(z_t) - log q(z_t)) + log p(n)
        negative_elbo = -sum_n q(n) (log p(x | n) + r(n) - log q(n))
        presence = -sum_n p*(n) log q(n)
        p*(n) = softmax_n (log p_s(x | n) / beta + r(n))

    where z are the sampled layouts and strokes. q(n) is constant in the first
    sum, and p*(n) is constant in the second.

    For these z, the target p*(n) is the best q(n): with `beta` 1 and
    p_s = p, it maximises the ELBO's sum over n. This does not make the minimum
    of the cross-entropy over random z the maximum of the ELBO: q(n) cannot
    depend on all of z, the cross-entropy averages p*(n) over z, and the ELBO
    averages log p*(n). The number of strokes follows from the price `beta`
    (and from p_s), not from the bound alone.

    The cross-entropy is used because of its gradient. The ELBO's gradient with
    respect to the logits vanishes when q(n) is close to 0 or 1, even if q(n)
    is wrong; the gradient of the cross-entropy vanishes only at q(n) = p*(n).

    Args:
        parse: a parse with all strokes present.
        log_likelihoods: `[P, B, T + 1]`, log p(x | n) in nats, for 0 to T
            strokes.
        signal_log_likelihoods: `[P, B, T + 1]`, log p_s(x | n) in nats, from
            which q(presence) learns.
        beta: positive, the price of strokes: a larger value gives the pixels
            less weight, and drawings get fewer strokes.

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
