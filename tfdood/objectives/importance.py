"""Importance sampling: the marginal likelihood from weighted samples."""

import tensorflow as tf


def iwae(log_weights: tf.Tensor) -> tf.Tensor:
    """A lower bound of log p(x) that tightens with the number of particles.

        log (1/P) sum_p w_p

    Burda et al., "Importance Weighted Autoencoders", 2016; the paper reports
    it with P = 200.

    Args:
        log_weights: `[P, ...]`, log p(x, z_p) - log q(z_p | x).

    Returns:
        `[...]`, in nats.
    """
    num_particles = tf.cast(tf.shape(log_weights)[0], log_weights.dtype)
    return tf.reduce_logsumexp(log_weights, axis=0) - tf.math.log(num_particles)


def effective_sample_size(log_weights: tf.Tensor) -> tf.Tensor:
    """How many equally weighted particles the weighted ones are worth.

        (sum_p w_p)**2 / sum_p w_p**2

    Args:
        log_weights: `[P, ...]`, log p(x, z_p) - log q(z_p | x).

    Returns:
        `[...]`, between 1 and P.
    """
    return tf.exp(
        2.0 * tf.reduce_logsumexp(log_weights, axis=0)
        - tf.reduce_logsumexp(2.0 * log_weights, axis=0)
    )
