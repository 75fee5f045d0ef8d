"""The training of GNM's scene code alone, after all else has learned."""

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.models import learning
from tfdood.models.common import code_learning
from tfdood.models.gnm import divergences, random_numbers
from tfdood.models.gnm.model import GNM


class PriorLearner(code_learning.CodeLearner):
    """A `Trainable` for the networks of the scene's code, and no others.

        loss = KL(q(z_s | x) || p(z_s | z_g)) + beta KL(q(z_g | x) || p(z_g))

    These are the terms of GNM's loss that depend on the code. Objects are
    neither sampled nor painted, so a step is short. The encoder of the image,
    the networks of the cells and of the background's posterior, and those that
    paint, keep their weights; therefore a run has to start from trained
    weights.
    """

    headline = ("kl_what", "kl_code")
    model: GNM

    def parameter_groups(self) -> dict[str, learning.ParameterGroup]:
        """See `Trainable.parameter_groups`."""
        variables = self.model.scene_code.trainable_variables
        if self.model.settings.in_colour:
            prior = self.model.background.prior_mlp
            variables = [*variables, *prior.trainable_variables]
        return {"model": learning.ParameterGroup(variables)}

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        numbers = random_numbers.draw(
            self.model.settings, seed, tf.shape(batch.images)[0], 1
        )
        densities = self.model.densities(
            self.model.encoder(batch.images), numbers.code[0]
        )
        conditional = divergences.conditional(densities)
        code = divergences.of_normals(
            densities.code.posterior, densities.code.prior
        )
        values = {
            **{f"kl_{name}": value for name, value in conditional.items()},
            "kl_code": code,
            "loss": tf.add_n(
                [*conditional.values(), self.code_weight(step) * code]
            ),
        }
        metrics = {k: tf.reduce_mean(v) for k, v in values.items()}
        return learning.Loss(metrics["loss"], metrics, {})
