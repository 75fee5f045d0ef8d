"""What a step of training minimises."""

from typing import NamedTuple

import tensorflow as tf

from tfdood.config import ObjectiveConfig
from tfdood.drawing import smoothing
from tfdood.drawings import Parse
from tfdood.models.base import DrawingModel
from tfdood.objectives import elbo, exploration, nvil, stopping


class Losses(NamedTuple):
    """Scalars, means over the drawings that are not explored.

    Attributes:
        negative_elbo: in nats.
        presence: the surrogate whose gradient is the presence's.
        baseline: the squared error of the NVIL baseline.
    """

    negative_elbo: tf.Tensor
    presence: tf.Tensor
    baseline: tf.Tensor


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


def split(batch: Batch, num_explored: int) -> tuple[Batch, Batch]:
    """The free drawings, and the explored ones, the last so many images."""
    images, parse = batch
    count = tf.shape(images)[0] - num_explored
    return (
        Batch(
            images[:count],
            tf.nest.map_structure(lambda x: x[:, :count], parse),
        ),
        Batch(
            images[count:],
            tf.nest.map_structure(lambda x: x[:, count:], parse),
        ),
    )


def exact(
    model: DrawingModel, objective: ObjectiveConfig, batch: Batch
) -> Losses:
    """Those of `objectives.stopping`; every stroke is drawn."""
    canvases = prefixes(batch.parse)
    images = batch.images[:, tf.newaxis]
    loss = stopping.losses(
        batch.parse,
        model.log_likelihood(images, canvases),
        model.log_likelihood(images, canvases, objective.signal_scale_floor),
        objective.beta,
    )
    loss = tf.nest.map_structure(tf.reduce_mean, loss)
    return Losses(loss.negative_elbo, loss.presence, tf.zeros_like(loss[0]))


def sampled(
    model: DrawingModel,
    objective: ObjectiveConfig,
    batch: Batch,
    moments: nvil.Moments,
) -> tuple[Losses, nvil.Moments]:
    """Those of `objectives.nvil`; the posterior chose when to stop."""
    parse = batch.parse
    tempered = model.log_likelihood(
        batch.images,
        parse.drawing.canvases[:, :, -1],
        objective.signal_scale_floor,
    )
    signal = nvil.learning_signal(parse, tempered, objective.beta)
    loss = nvil.nvil_losses(parse, signal, moments, objective.decay)
    # The gradient of log q(presence) alone has mean zero: only noise.
    pathwise = parse._replace(
        log_posterior=parse.log_posterior._replace(
            presence=tf.stop_gradient(parse.log_posterior.presence)
        )
    )
    negative_elbo = -tf.reduce_mean(elbo.elbo(pathwise))
    return Losses(negative_elbo, loss.score, loss.baseline), loss.moments


def explored(batch: Batch, num_free: tf.Tensor) -> tf.Tensor:
    """Scalar; weighs an explored drawing like one of `num_free` free ones."""
    total = tf.reduce_sum(tf.reduce_mean(exploration.losses(batch.parse), 0))
    return total / tf.cast(num_free, tf.float32)


def prefixes(parse: Parse) -> tf.Tensor:
    """The canvas after 0 to T strokes, `[P, B, T + 1, H, W, 1]`."""
    canvases = parse.drawing.canvases
    return tf.concat([tf.zeros_like(canvases[:, :, :1]), canvases], 2)
