"""Scenes, and how a model explains them."""

from typing import NamedTuple

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm import cells, gaussians, levels

tfd = tfp.distributions


class Scene(NamedTuple):
    """A scene: its image and its objects, `K` cells row by row.

    Attributes:
        canvas: `[B, H, W, C]`; without colours, more than 1 where objects
            overlap.
        boxes: `[B, K, 4]`: left, top, right and bottom of each object in the
            image's unit square.
        presence: `[B, K]` in [0, 1]; the canvas shows the objects of cells
            above 1/2. The probability of an object, or 0 or 1 if the scene is
            a sample.
        depth: `[B, K]`; larger is farther. It has a meaning with colours only.
        what: `[B, K, D]`, the codes of what objects look like.
    """

    canvas: tf.Tensor
    boxes: tf.Tensor
    presence: tf.Tensor
    depth: tf.Tensor
    what: tf.Tensor


class Densities(NamedTuple):
    """The densities of the latents of scenes, given a sample of their codes.

    Attributes:
        posterior: q(z_s | x) of the cells.
        prior: p(z_s | z_g) of the cells.
        code: of the scene, with its prior and its posterior.
        background_posterior: normal, `[N, E]`; None without a background.
        background_prior: normal, `[N, E]`; None without a background.
    """

    posterior: cells.CellDensities
    prior: cells.CellDensities
    code: levels.SceneCode
    background_posterior: tfd.Normal | None
    background_prior: tfd.Normal | None


class Explanation(NamedTuple):
    """A sample of the posterior with its densities, `N` rows.

    Attributes:
        canvas: `[N, H, W, C]`.
        latents: of the cells.
        background: the code of the background, `[N, E]`; None without one.
        densities: of the latents.
    """

    canvas: tf.Tensor
    latents: cells.CellLatents
    background: tf.Tensor | None
    densities: Densities

    def log_ratio(self) -> tf.Tensor:
        """Computes log p(z) - log q(z | x), for presences of 0 or 1.

        Returns:
            `[N]`, in nats.
        """
        own = self.densities
        ratio = (
            own.prior.log_prob(self.latents)
            - own.posterior.log_prob(self.latents)
            + own.code.log_ratio()
        )
        if self.background is None:
            return ratio
        return ratio + gaussians.log_ratio(
            own.background_prior, own.background_posterior, self.background
        )
