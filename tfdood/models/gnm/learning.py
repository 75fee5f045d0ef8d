"""The training of GNM."""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.data.batching import Batch
from tfdood.models import learning
from tfdood.models.common import code_learning, rows
from tfdood.models.gnm import divergences, random_numbers
from tfdood.models.gnm.model import GNM
from tfdood.models.gnm.scenes import Explanation
from tfdood.objectives import schedules
from tfdood.settings.scenes import SceneObjective

tfd = tfp.distributions


class SceneLearner(code_learning.CodeLearner):
    """A `Trainable` for GNM.

        loss = -log N(x; y, std) + KL(q(z_s | x) || p(z_s | z_g))
               + beta KL(q(z_g | x) || p(z_g)) + KL(q(z_s | x) || auxiliary)

    Source: Jiang and Ahn, 2020, Eq. 5 to 9.
    """

    headline = ("log_likelihood", "expected_objects")
    schedules = (
        "beta_steps",
        "temperature_steps",
        "temperature_hold_steps",
        "rate_steps",
        "what_steps",
        "where_steps",
        "background_steps",
        "opaque_steps",
        "hold_steps",
    )
    model: GNM
    objective: SceneObjective

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        images, objective = batch.images, self.objective
        numbers = random_numbers.draw(
            self.model.settings, seed, tf.shape(images)[0], 1
        )
        sample = self.model.explain(
            self.model.encoder(images),
            rows.single(numbers),
            self._temperature(step),
            step < objective.opaque_steps,
            step < objective.hold_steps,
        )
        log_likelihood = self.model.log_likelihood(images, sample.canvas)
        densities = sample.densities
        conditional = divergences.conditional(densities)
        auxiliary = self._auxiliary(sample, step)
        code = divergences.of_normals(
            densities.code.posterior, densities.code.prior
        )
        weights = self._weights(step)
        terms = [
            -log_likelihood,
            self.code_weight(step) * code,
            *(weights.get(k, 1.0) * v for k, v in conditional.items()),
            *(
                weights.get(k, 1.0) * weights.get(f"auxiliary_{k}", 1.0) * v
                for k, v in auxiliary.items()
            ),
        ]
        error = tf.abs(images - sample.canvas)
        values = {
            **{f"kl_{k}": v for k, v in conditional.items()},
            **{f"auxiliary_kl_{k}": v for k, v in auxiliary.items()},
            "kl_code": code,
            "expected_objects": tf.reduce_sum(sample.latents.presence, -1),
            "expected_absolute_error": tf.reduce_mean(error, [1, 2, 3]),
            "log_likelihood": log_likelihood,
            "relaxed_elbo": log_likelihood
            - code
            - tf.add_n([*conditional.values()]),
            "loss": tf.add_n(terms),
        }
        metrics = {k: tf.reduce_mean(v) for k, v in values.items()}
        return learning.Loss(metrics["loss"], metrics, {})

    def _temperature(self, step: tf.Tensor) -> tf.Tensor:
        objective = self.objective
        return schedules.linear(
            step,
            objective.temperature_start,
            objective.temperature_end,
            objective.temperature_steps,
            objective.temperature_hold_steps,
        )

    def _weights(self, step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the weights of other divergences, where not always 1."""
        goal = self.objective
        ramps = {
            "what": (goal.what_start, 1.0, goal.what_steps),
            "auxiliary_where": (goal.where_start, 1.0, goal.where_steps),
            "auxiliary_background": (
                goal.background_start,
                1.0,
                goal.background_steps,
            ),
        }
        return {k: schedules.linear(step, *v) for k, v in ramps.items()}

    def _auxiliary(
        self, sample: Explanation, step: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        goal = self.objective
        rate = schedules.linear(
            step, goal.rate_start, goal.rate_end, goal.rate_steps
        )
        densities = sample.densities
        values = divergences.auxiliary(
            densities.posterior, sample.latents.presence, rate, goal
        )
        if sample.background is not None:
            values["background"] = divergences.of_normals(
                densities.background_posterior, tfd.Normal(0.0, 1.0)
            )
        return values
