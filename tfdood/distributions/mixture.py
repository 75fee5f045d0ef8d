"""Mixtures of Gaussians: the priors of layouts and of control points."""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import correlated_normal

tfd = tfp.distributions


def gaussian_mixture(
    logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor, shear: tf.Tensor
) -> tfd.MixtureSameFamily:
    """Makes a mixture of Gaussians; all values of an event have one component.

        p(x) = sum_m softmax(logits)_m N(x; loc_m, L_m L_m^T)

    `CorrelatedNormal` defines `L_m`. Layouts have such a prior (paper, Eq. 2).

    Args:
        logits: `[..., M]`, unnormalised log weights.
        loc: `[..., M, D]`, means, `D = 4` for layouts.
        scale: `[..., M, D]`, positive.
        shear: `[..., M]`.

    Returns:
        A distribution with batch shape `[...]` and event shape `[D]`.
    """
    return tfd.MixtureSameFamily(
        tfd.Categorical(logits=logits),
        correlated_normal.CorrelatedNormal(loc, scale, shear),
    )


def control_point_mixture(
    logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor, shear: tf.Tensor
) -> tfd.Independent:
    """Makes a distribution over control points, a mixture for each point.

        p(s) = prod_k sum_m softmax(logits_k)_m N(s_k; loc_km, L_km L_km^T)

    `CorrelatedNormal` defines `L_km`. Source: paper, Eq. 3.

    Args:
        logits: `[..., K, M]`, unnormalised log weights.
        loc: `[..., K, M, 2]`, means.
        scale: `[..., K, M, 2]`, positive.
        shear: `[..., K, M]`.

    Returns:
        A distribution with batch shape `[...]` and event shape `[K, 2]`.
    """
    return tfd.Independent(gaussian_mixture(logits, loc, scale, shear), 1)


def from_noise(
    mixture: tfd.MixtureSameFamily, uniform: tf.Tensor, noise: tf.Tensor
) -> tf.Tensor:
    """Maps noise to samples of a mixture of `CorrelatedNormal`.

        x = loc_m + L_m noise,   m = min {m: sum_{i <= m} w_i > uniform}

    with `w` the weights of the components.

    Args:
        mixture: with batch shape `[...]`, `M` components, events `[D]`.
        uniform: `[...]`, uniform noise in [0, 1); it selects the component.
        noise: `[..., D]`, standard normal noise.

    Returns:
        `[..., D]`.
    """
    weights = mixture.mixture_distribution.probs_parameter()  # [..., M]
    passed = tf.cumsum(weights, -1) <= uniform[..., tf.newaxis]
    # Without the last sum, which may be smaller than 1 because of rounding.
    chosen = tf.reduce_sum(tf.cast(passed[..., :-1], tf.int32), -1)
    components = mixture.components_distribution
    parameters = (components.loc, components.scale, components.shear)
    return correlated_normal.CorrelatedNormal(
        *(
            tf.gather(p, chosen, batch_dims=chosen.shape.rank)
            for p in parameters
        )
    ).from_noise(noise)
