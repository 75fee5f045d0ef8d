"""The training of the VAE."""

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.distributions import pixels
from tfdood.drawing import smoothing
from tfdood.models import learning
from tfdood.models.baselines import vae
from tfdood.models.common import canvas_learning


class VaeLearner(canvas_learning.CanvasLearner):
    """A `Trainable` for the VAE; minimises the negative ELBO."""

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        num_collages = self.num_collages(batch.images)
        images = self.with_collages(batch.images, num_collages, seed)
        sample = self.model.sample(
            images, self.objective.num_particles, seed, training=True
        )
        blurred, canvas = images, sample.drawing.canvas
        std = self.smoothing_std(step)
        if std is not None:
            blurred, canvas = (
                smoothing.smooth(x, std) for x in (images, canvas)
            )
        log_likelihood, signal = self.log_likelihoods(blurred, canvas)
        log_weights = vae.log_weights(
            sample._replace(log_likelihood=log_likelihood)
        )
        # The loss of a collage uses a flat prior, see `objectives.collages`.
        of_collages = sample.log_posterior - signal
        num_real = tf.shape(images)[0] - num_collages
        count = tf.cast(self.objective.num_particles * num_real, tf.float32)
        elbo = tf.reduce_sum(log_weights[:, :num_real]) / count
        collage_loss = tf.reduce_sum(of_collages[:, num_real:]) / count
        difference = (images - sample.drawing.canvas)[:, :num_real]
        kl = (sample.log_posterior - sample.log_prior)[:, :num_real]
        error = pixels.error(difference, self.model.settings.likelihood)
        real_canvas = sample.drawing.canvas[:, :num_real]
        scale_losses = self.scale_losses(images[:num_real], real_canvas)
        scale = self.pixel_scale(real_canvas)
        return learning.Loss(
            total=tf.add_n([collage_loss, -elbo, *scale_losses.values()]),
            metrics={
                "kl_code": tf.reduce_mean(kl),
                "expected_absolute_error": tf.reduce_mean(tf.abs(difference)),
                "pixel_scale": tf.reduce_mean(scale),
                **scale_losses,
                "collage_loss": collage_loss,
                "elbo": elbo,
            },
            statistics={"error": tf.reduce_mean(error, [0, 1])},
        )
