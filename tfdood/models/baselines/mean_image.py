"""One image for the whole dataset: a baseline that ignores its input."""

from typing import NamedTuple

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.distributions import pixels
from tfdood.models import learning
from tfdood.models.common import canvas_learning, canvas_model, noise
from tfdood.models.common import temperature as temperature_lib
from tfdood.settings import architectures


class Picture(NamedTuple):
    """An image without parts.

    Attributes:
        canvas: `[B, H, W, 1]` in [0, 1].
    """

    canvas: tf.Tensor


class MeanImage(canvas_model.CanvasModel):
    """A model with one canvas for all images, and one scale for each pixel."""

    description = (
        "One image for the whole dataset, with the density of each pixel "
        "around it: a baseline for models that look at each image."
    )

    def __init__(self, settings: architectures.MeanImage):
        if settings.pixel_scale == "canvas":
            raise ValueError(
                "mean_image has one canvas for all images, so that its scale "
                "is one by position; set model.pixel_scale to running or "
                "learned, got canvas."
            )
        super().__init__(settings)
        self.logits = self.add_weight(
            shape=[settings.image_size, settings.image_size, 1],
            initializer="zeros",
            name="logits",
        )
        self.built = True

    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """See `ExplainingModel.log_weights`: log p(x), without latents."""
        images = self.checked(images)
        noise.check_counts(num_particles, tf.shape(images)[0])
        log_prob = self.log_likelihood(images, tf.sigmoid(self.logits))
        return tf.tile(log_prob[tf.newaxis], [num_particles, 1])

    def reconstruct(self, images: tf.Tensor) -> Picture:
        """See `ExplainingModel.reconstruct`."""
        return self.generate(tf.shape(self.checked(images))[0])

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Picture:
        """See `Model.generate`."""
        noise.check_counts(1, num_drawings)
        temperature_lib.checked(temperature, num_drawings)
        canvas = tf.sigmoid(self.logits)[tf.newaxis]
        return Picture(tf.repeat(canvas, num_drawings, 0))


class MeanImageLearner(canvas_learning.CanvasLearner):
    """A `Trainable` for the mean image; minimises -log p(x)."""

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        elbo = tf.reduce_mean(self.model.log_weights(batch.images, 1, seed))
        difference = batch.images - tf.sigmoid(self.model.logits)
        kind = self.model.settings.likelihood
        error = tf.reduce_mean(pixels.error(difference, kind), 0)
        return learning.Loss(-elbo, {"elbo": elbo}, {"error": error})
