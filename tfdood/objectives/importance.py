"""Importance sampling: estimates the marginal likelihood from samples."""

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


def effective_sample_size(log_weights: tf.Tensor) -> tf.Tensor:
    """Computes the effective sample size of weighted particles.

        (sum_p w_p)**2 / sum_p w_p**2

    It is P if all weights are equal, and 1 if one weight dominates.

    Args:
        log_weights: `[P, ...]`, log p(x, z_p) - log q(z_p | x).

    Returns:
        `[...]`, between 1 and P.
    """
    return tf.exp(
        2.0 * tf.reduce_logsumexp(log_weights, axis=0)
        - tf.reduce_logsumexp(2.0 * log_weights, axis=0)
    )
