"""What a step of training minimises."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import pixels
from tfdood.drawing import smoothing
from tfdood.models.base import DrawingModel
from tfdood.objectives import collages as exploration
from tfdood.objectives import elbo, nvil, stopping
from tfdood.settings.schema import ObjectiveConfig
from tfdood.types import Parse


class Losses(NamedTuple):
    """Scalars: sums over drawings, by the number of those not explored.

    Attributes:
        negative_elbo: of those not explored, in nats.
        presence: the surrogate for q(presence), of all.
        baseline: the squared error of the NVIL baseline.
        exploration: of those explored.
    """

    negative_elbo: tf.Tensor
    presence: tf.Tensor
    baseline: tf.Tensor
    exploration: tf.Tensor


class Batch(NamedTuple):
    """Images and how they were drawn.

    Attributes:
        images: `[B, H, W, 1]`.
        parse: leading dimensions `[P, B]`.
    """

    images: tf.Tensor
    parse: Parse


def smoothed(model: DrawingModel, batch: Batch, std: tf.Tensor) -> Batch:
    """The same with images and canvases smoothed by a Gaussian, in pixels."""
    images = smoothing.smooth(batch.images, std)
    canvases = smoothing.smooth(batch.parse.drawing.canvases, std)
    return Batch(
        images,
        batch.parse._replace(
            drawing=batch.parse.drawing._replace(canvases=canvases),
            log_likelihood=model.log_likelihood(images, canvases[:, :, -1]),
        ),
    )


def free(batch: Batch, num_explored: int) -> Batch:
    """The batch without its last images, which are explored."""
    count = tf.shape(batch.images)[0] - num_explored
    parse = tf.nest.map_structure(lambda x: x[:, :count], batch.parse)
    return Batch(batch.images[:count], parse)


def exact(
    model: DrawingModel,
    objective: ObjectiveConfig,
    batch: Batch,
    num_explored: int,
) -> Losses:
    """Those of `objectives.stopping`; every stroke is drawn.

    Args:
        model: gives the likelihood.
        objective: the settings.
        batch: `B` images, the last of which are explored.
        num_explored: how many; fewer than `B`.
    """
    canvases = prefixes(batch.parse)
    images = batch.images[:, tf.newaxis]
    tempered = _tempered(model, objective, images, canvases)
    each = stopping.losses(
        batch.parse,
        model.log_likelihood(images, canvases),
        tempered,
        objective.beta,
    )
    num_particles, num_images = tf.unstack(tf.shape(each.presence))
    num_free = num_images - num_explored
    count = tf.cast(num_particles * num_free, tf.float32)
    explored = exploration.losses(batch.parse, tempered[..., -1])
    return Losses(
        negative_elbo=tf.reduce_sum(each.negative_elbo[:, :num_free]) / count,
        presence=tf.reduce_sum(each.presence) / count,
        baseline=tf.zeros([]),
        exploration=tf.reduce_sum(explored[:, num_free:]) / count,
    )


def sampled(
    model: DrawingModel,
    objective: ObjectiveConfig,
    batch: Batch,
    moments: nvil.Moments,
    total: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
) -> tuple[Losses, nvil.Moments]:
    """Those of `objectives.nvil`; the posterior chose when to stop."""
    parse = batch.parse
    tempered = _tempered(
        model, objective, batch.images, parse.drawing.canvases[:, :, -1]
    )
    signal = nvil.learning_signal(parse, tempered, objective.beta)
    loss = nvil.nvil_losses(parse, signal, moments, objective.decay, total)
    # The gradient of log q(presence) alone has mean zero: only noise.
    pathwise = parse._replace(
        log_posterior=parse.log_posterior._replace(
            presence=tf.stop_gradient(parse.log_posterior.presence)
        )
    )
    negative_elbo = -tf.reduce_mean(elbo.elbo(pathwise))
    losses = Losses(negative_elbo, loss.score, loss.baseline, tf.zeros([]))
    return losses, loss.moments


def _tempered(model, objective, images, canvas):
    """The likelihood that strokes are worth; no pixel scale learns from it."""
    scale = tf.maximum(model.pixel_scale, objective.signal_scale_floor)
    return pixels.log_prob(
        images, canvas, tf.stop_gradient(scale), model.config.likelihood
    )


def prefixes(parse: Parse) -> tf.Tensor:
    """The canvas after 0 to T strokes, `[P, B, T + 1, H, W, 1]`."""
    canvases = parse.drawing.canvases
    return tf.concat([tf.zeros_like(canvases[:, :, :1]), canvases], 2)
