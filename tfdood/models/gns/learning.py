"""How GNS learns: each network from the strokes of people, by likelihood."""

from typing import Any

import tensorflow as tf

from tfdood.models import learning
from tfdood.models.gns import augmentation, measuring
from tfdood.models.gns import model as model_lib
from tfdood.nn import training_pass
from tfdood.settings.objectives import TypeObjective


class TypeLearner:
    """A `Trainable` that maximises the density of people's strokes.

    The loss is a sum of a loss for each network: nats of a start, of an offset
    (with the decisions to end the stroke) and of a stop. Each is a mean over
    the decisions of a batch; with several devices, the mean of those of the
    devices. The networks share no weights, and each has an optimiser of its
    own.

    Args:
        model: the model to train.
        objective: the settings of the objective.
    """

    headline = ("start", "offset", "stop")

    def __init__(self, model: model_lib.GNS, objective: TypeObjective):
        self.model = model
        self.objective = objective

    def loss(
        self, batch: Any, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        del step
        seed, augmentation_seed = tf.unstack(tf.random.split(seed))
        strokes = augmentation.moved(
            measuring.checked(batch),
            self.objective.augmentation,
            augmentation_seed,
        )
        run = training_pass.TrainingPass(seed, self.objective.dropout)
        log_probs = self.model.prior.log_probs(strokes, run)
        metrics = {
            name: tf.math.divide_no_nan(*map(tf.reduce_sum, ratio))
            for name, ratio in measuring.measures(log_probs, strokes).items()
        }
        total = tf.add_n([metrics[name] for name in self.headline])
        return learning.Loss(total, metrics, run.statistics)

    def start(self) -> None:
        """See `Trainable.start`; nothing is to do."""

    def parameter_groups(self) -> dict[str, learning.ParameterGroup]:
        """See `Trainable.parameter_groups`; a group for each network."""
        prior = self.model.prior
        return {
            name: learning.ParameterGroup(network.trainable_variables)
            for name, network in (
                ("location", prior.location),
                ("stroke", prior.stroke),
                ("termination", prior.termination),
            )
        }

    def update(self, statistics: dict[str, tf.Tensor], step: tf.Tensor) -> None:
        """See `Trainable.update`; updates running moments."""
        del step
        for norm in self.model.prior.norms:
            norm.update(statistics, self.objective.moment_decay)

    def warnings(self, num_steps: int) -> list[str]:
        """See `Trainable.warnings`."""
        steps = round(2.0 / (1.0 - self.objective.moment_decay))
        if num_steps >= steps:
            return []
        return [
            f"The running moments of features need {steps} steps, more than "
            f"the {num_steps} of this run; lower objective.moment_decay."
        ]

    def state(self) -> list[tf.Variable]:
        """See `Trainable.state`; the running moments are the model's own."""
        return []
