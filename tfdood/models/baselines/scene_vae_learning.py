"""The training of ConvDRAW and of the VAE of scenes."""

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.models import learning
from tfdood.models.baselines.scene_vae import SceneVAE
from tfdood.models.common import code_learning
from tfdood.models.gnm import divergences


class SceneVaeLearner(code_learning.CodeLearner):
    """A `Trainable` for scenes without objects.

        loss = -log N(x; y, std) + beta KL(q(z | x) || p(z))

    Source: Jiang and Ahn, 2020, Eq. 4, without objects.
    """

    headline = ("log_likelihood", "kl_code")
    model: SceneVAE

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        images, model = batch.images, self.model
        numbers = model.numbers(seed, tf.shape(images)[0], 1)[0]
        canvas, code = model.explain(model.encoder(images), numbers)
        log_likelihood = model.log_likelihood(images, canvas)
        kl = divergences.of_normals(code.posterior, code.prior)
        error = tf.abs(images - canvas)
        values = {
            "kl_code": kl,
            "expected_absolute_error": tf.reduce_mean(error, [1, 2, 3]),
            "log_likelihood": log_likelihood,
            "elbo": log_likelihood - kl,
            "loss": self.code_weight(step) * kl - log_likelihood,
        }
        metrics = {k: tf.reduce_mean(v) for k, v in values.items()}
        return learning.Loss(metrics["loss"], metrics, {})
