"""Mixtures of Gaussians: the priors of layouts and of control points."""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import correlated_normal

tfd = tfp.distributions


def layout_mixture(
    logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor, shear: tf.Tensor
) -> tfd.MixtureSameFamily:
    """A mixture over whole layouts: one choice of component for all values.

        p(l) = sum_m softmax(logits)_m N(l; loc_m, L_m L_m^T)

    with `L_m` as in `CorrelatedNormal`. Paper, Eq. 2.

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
    """A stroke's control points, each from a mixture of its own.

        p(s) = prod_k sum_m softmax(logits_k)_m N(s_k; loc_km, L_km L_km^T)

    Paper, Eq. 3.

    Args:
        logits: `[..., K, M]`, unnormalised log weights.
        loc: `[..., K, M, 2]`, means.
        scale: `[..., K, M, 2]`, positive.
        shear: `[..., K, M]`.

    Returns:
        A distribution with batch shape `[...]` and event shape `[K, 2]`.
    """
    return tfd.Independent(layout_mixture(logits, loc, scale, shear), 1)


def from_noise(
    mixture: tfd.MixtureSameFamily, uniform: tf.Tensor, noise: tf.Tensor
) -> tf.Tensor:
    """Turns noise into samples of a mixture of `CorrelatedNormal`.

        x = loc_m + L_m noise,   m = min {m: sum_{i <= m} w_i > uniform}

    Args:
        mixture: with batch shape `[...]`, `M` components, events `[D]`.
        uniform: `[...]` in [0, 1), chooses the component.
        noise: `[..., D]`, standard normal.

    Returns:
        `[..., D]`.
    """
    weights = mixture.mixture_distribution.probs_parameter()  # [..., M]
    passed = tf.cumsum(weights, -1) <= uniform[..., tf.newaxis]
    # The last sum may be rounded to less than one.
    chosen = tf.reduce_sum(tf.cast(passed[..., :-1], tf.int32), -1)
    components = mixture.components_distribution
    parameters = (components.loc, components.scale, components.shear)
    return correlated_normal.CorrelatedNormal(
        *(
            tf.gather(p, chosen, batch_dims=chosen.shape.rank)
            for p in parameters
        )
    ).from_noise(noise)
