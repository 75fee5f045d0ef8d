"""The evidence lower bound (ELBO) of a parse."""

import tensorflow as tf

from tfdood.types import Parse


def step_log_ratios(parse: Parse) -> tf.Tensor:
    """Computes the log ratio of prior to posterior of each step.

        log p(z_t) - log q(z_t | x),   z_t = (o_t, l_t, s_t)

    where `o_t` is the presence, `l_t` the layout and `s_t` the stroke's latent.

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B, T]`, in nats.
    """
    return sum(parse.log_prior) - sum(parse.log_posterior)


def log_weights(parse: Parse) -> tf.Tensor:
    """Computes the log importance weights of samples.

        log w = log p(x | z) + sum_t (log p(z_t) - log q(z_t | x))

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B]`, in nats.
    """
    return parse.log_likelihood + tf.reduce_sum(step_log_ratios(parse), axis=-1)


def elbo(parse: Parse) -> tf.Tensor:
    """Estimates the evidence lower bound.

        elbo = (1/P) sum_p log w_p

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[B]`, in nats. Source: paper, Eq. 9 and Eq. 16.
    """
    return tf.reduce_mean(log_weights(parse), axis=0)
