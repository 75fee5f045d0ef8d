"""Importance sampling: estimates the marginal likelihood from samples."""

from collections.abc import Sequence

import tensorflow as tf


def iwae(log_weights: tf.Tensor) -> tf.Tensor:
    """Computes the importance weighted lower bound of log p(x).

        log (1/P) sum_p w_p

    In expectation, the bound gets tighter with more particles. Source: Burda
    et al., "Importance Weighted Autoencoders", 2016; the paper reports it with
    P = 200.

    Args:
        log_weights: `[P, ...]`, log p(x, z_p) - log q(z_p | x).

    Returns:
        `[...]`, in nats.
    """
    num_particles = tf.cast(tf.shape(log_weights)[0], log_weights.dtype)
    return tf.reduce_logsumexp(log_weights, axis=0) - tf.math.log(num_particles)


def mixture_log_weights(
    log_joint: tf.Tensor, log_proposals: tf.Tensor, counts: Sequence[int]
) -> tf.Tensor:
    """Computes the log weights of particles from several proposals.

        w = p(x, z) / sum_i (P_i / P) q_i(z),   P = sum_i P_i

    Of the `P` particles, `P_i` are samples of the proposal `q_i`. All have the
    same formula (the balance heuristic), so that a proposal which misses a part
    of the posterior makes no weight large. The mean of the weights is unbiased:
    in expectation p(x), and its log a lower bound of log p(x). Source: Veach
    and Guibas, "Optimally Combining Sampling Techniques", 1995.

    Args:
        log_joint: `[P, ...]`, log p(x, z) of the particles of all proposals.
        log_proposals: `[Q, P, ...]`, log q_i(z) of each particle under each
            proposal, also under those from which it was not sampled; -inf
            where a proposal has no density.
        counts: `P_i` of each of the `Q` proposals.

    Returns:
        `[P, ...]`, in nats.
    """
    log_joint = tf.convert_to_tensor(log_joint)
    shares = tf.constant(counts, log_joint.dtype) / sum(counts)
    shares = tf.reshape(shares, [-1] + [1] * log_joint.shape.rank)
    log_mixture = tf.reduce_logsumexp(tf.math.log(shares) + log_proposals, 0)
    return log_joint - log_mixture


def effective_sample_size(log_weights: tf.Tensor) -> tf.Tensor:
    """Computes the effective sample size of weighted particles.

        (sum_p w_p)**2 / sum_p w_p**2

    It is P if all weights are equal, and 1 if one weight dominates.

    Args:
        log_weights: `[P, ...]`, log p(x, z_p) - log q(z_p | x).

    Returns:
        `[...]`, between 1 and P.
    """
    # Shares are exact where log weights are so large that their sums are not.
    shares = tf.nn.softmax(log_weights, axis=0)
    return 1.0 / tf.reduce_sum(tf.square(shares), axis=0)
