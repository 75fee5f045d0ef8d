"""The evidence lower bound of one joint sample of the strokes."""

import tensorflow as tf

from tfdood.types import Parse


def step_log_ratios(parse: Parse) -> tf.Tensor:
    """The log ratio of prior to posterior of each step, all three latents.

        log p(z_t) - log q(z_t | x),   z_t = (o_t, l_t, s_t)

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B, T]`, in nats.
    """
    return sum(parse.log_prior) - sum(parse.log_posterior)


def log_weights(parse: Parse) -> tf.Tensor:
    """Log importance weights of the samples.

        log w = log p(x | z) + sum_t (log p(z_t) - log q(z_t | x))

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B]`, in nats.
    """
    return parse.log_likelihood + tf.reduce_sum(step_log_ratios(parse), axis=-1)


def elbo(parse: Parse) -> tf.Tensor:
    """Estimates the evidence lower bound (paper, Eq. 9 and Eq. 16).

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[B]`, the mean over particles of `log_weights`, in nats.
    """
    return tf.reduce_mean(log_weights(parse), axis=0)
