"""Normal densities of latents, from the outputs of networks."""

from collections.abc import Sequence

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


def normal(parameters: tf.Tensor, std_floor: float) -> tfd.Normal:
    """Makes a normal density.

        mean, s = split(parameters),  std = floor + softplus(s)

    Args:
        parameters: `[..., 2 D]`.
        std_floor: the smallest standard deviation, positive.

    Returns:
        The density of `[..., D]` independent numbers.
    """
    mean, logits = tf.split(parameters, 2, -1)
    return tfd.Normal(mean, std_floor + tf.nn.softplus(logits))


def joined(densities: Sequence[tfd.Normal]) -> tfd.Normal:
    """Joins the densities of independent numbers along the last axis.

    Args:
        densities: each of `[..., D_i]` numbers.

    Returns:
        The density of `[..., sum_i D_i]` numbers.
    """
    return tfd.Normal(
        tf.concat([x.loc for x in densities], -1),
        tf.concat([x.scale for x in densities], -1),
    )


def sample(density: tfd.Normal, numbers: tf.Tensor) -> tf.Tensor:
    """Samples a normal density.

    Args:
        density: of `[...]` numbers.
        numbers: `[...]`, standard normal.

    Returns:
        `[...]`, differentiable.
    """
    return density.loc + density.scale * numbers


def log_ratio(p: tfd.Normal, q: tfd.Normal, values: tf.Tensor) -> tf.Tensor:
    """Computes log p - log q of independent numbers.

    Args:
        p: of `[..., D]` numbers.
        q: of `[..., D]` numbers.
        values: `[..., D]`.

    Returns:
        `[...]`, in nats, summed over the last axis.
    """
    return tf.reduce_sum(p.log_prob(values) - q.log_prob(values), -1)
