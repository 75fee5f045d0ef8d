"""The KL divergences of GNM's loss, and its auxiliary prior.

The auxiliary prior is fixed: objects are rare, have a usual size, and have
standard normal codes. It keeps the posterior of the cells near what the
decoder can draw while the scene's code has learned nothing. Source: Jiang and
Ahn, 2020, Eq. 8; the weights by presence are those of the authors' code.
"""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm.cells import CellDensities
from tfdood.models.gnm.scenes import Densities
from tfdood.settings.scenes import SceneObjective

tfd = tfp.distributions

_SMALLEST_PRESENCE = 1e-5


def conditional(densities: Densities) -> dict[str, tf.Tensor]:
    """Computes KL(q(z_s | x) || p(z_s | z_g)) of all latents of scenes.

    Args:
        densities: of `N` scenes.

    Returns:
        The divergences by the name of the latent, `[N]` each, in nats.
    """
    values = between(densities.posterior, densities.prior)
    if densities.background_prior is not None:
        values["background"] = of_normals(
            densities.background_posterior, densities.background_prior
        )
    return values


def between(q: CellDensities, p: CellDensities) -> dict[str, tf.Tensor]:
    """Computes KL(q || p) of the latents of all cells.

    Args:
        q: of `[N, K]` cells.
        p: of `[N, K]` cells.

    Returns:
        The divergences by the name of the latent, `[N]` each, in nats, summed
        over cells.
    """
    presence = tfd.kl_divergence(
        tfd.Bernoulli(q.presence), tfd.Bernoulli(p.presence)
    )
    return {
        "presence": tf.reduce_sum(presence, -1),
        **{
            name: tf.reduce_sum(
                tfd.kl_divergence(getattr(q, name), getattr(p, name)), [-2, -1]
            )
            for name in ("where", "depth", "what")
        },
    }


def auxiliary(
    q: CellDensities,
    presence: tf.Tensor,
    rate: tf.Tensor | float,
    objective: SceneObjective,
) -> dict[str, tf.Tensor]:
    """Computes KL(q || auxiliary prior) of the latents of all cells.

    The divergences of where, depth and what are multiplied by the sampled
    presence of their cell.

    Args:
        q: of `[N, K]` cells.
        presence: `[N, K]` in [0, 1], a sample of the presence.
        rate: scalar in (0, 1), the probability of an object in a cell.
        objective: gives the prior of z_where.

    Returns:
        The divergences by the name of the latent, `[N]` each, in nats.
    """
    prior = {
        "where": tfd.Normal(
            [objective.scale_mean, 0.0, 0.0, 0.0],
            [objective.scale_std, objective.ratio_std, 1.0, 1.0],
        ),
        "depth": tfd.Normal(0.0, 1.0),
        "what": tfd.Normal(0.0, 1.0),
    }
    weights = tf.maximum(presence, _SMALLEST_PRESENCE)
    values = {
        name: tf.reduce_sum(
            weights * tf.reduce_sum(tfd.kl_divergence(getattr(q, name), p), -1),
            -1,
        )
        for name, p in prior.items()
    }
    bernoulli = tfd.kl_divergence(
        tfd.Bernoulli(q.presence), tfd.Bernoulli(probs=rate)
    )
    return {"presence": tf.reduce_sum(bernoulli, -1), **values}


def of_normals(q: tfd.Normal, p: tfd.Normal) -> tf.Tensor:
    """Computes KL(q || p) of independent numbers.

    Args:
        q: of `[N, D]` numbers.
        p: of `[N, D]` numbers.

    Returns:
        `[N]`, in nats.
    """
    return tf.reduce_sum(tfd.kl_divergence(q, p), -1)
