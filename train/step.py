"""One step of training: a batch in, new weights out."""

from typing import Any

import keras
import tensorflow as tf

from tfdood import models
from tfdood.data.batching import Batch
from tfdood.models.learning import Loss
from tfdood.saved import runs
from tfdood.settings import schema, text

from . import optimizers


class Trainer:
    """A model, its loss and its optimisers.

    Attributes:
        config: of the run.
        model: what learns.
        learner: its `Trainable`.
        step: int64 variable, the number of finished steps.
    """

    def __init__(self, config: schema.Config) -> None:
        self.config = text.validate(config)
        training = config.training
        keras.utils.set_random_seed(training.seed)
        self.model = models.build(config.model)
        self.learner = models.trainable(self.model, config.objective)
        if training.jit_compile:
            self.model.unroll()
        self.step = tf.Variable(
            tf.constant(0, tf.int64),
            trainable=False,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self._optimizers = optimizers.GroupedAdam(
            self.learner.parameter_groups(), training
        )
        self._single_step = tf.function(self.replica_step, autograph=False)
        if training.jit_compile:
            # Adam is compiled by `optimizers`, whether or not this is.
            self._learn = tf.function(
                self._learn, jit_compile=True, autograph=False
            )

    def checkpointed(self) -> dict[str, Any]:
        """Lists all that must be saved to resume, by name."""
        return {
            "step": self.step,
            "model": runs.variables(self.model),
            "learner": self.learner.state(),
            **self._optimizers.checkpointed(),
        }

    def train_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Updates the weights on a batch; returns metrics."""
        return self._single_step(batch)

    @tf.function(reduce_retracing=True, autograph=False)
    def evaluate(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Computes means of `Model.measures`, without learning.

        Args:
            images: `[B, H, W, 1]`, held-out drawings.
            num_particles: samples of the importance weighted bound.
            seed: int32 `[2]`.

        Returns:
            Scalars by name.
        """
        values = self.model.measures(images, num_particles, seed)
        return {name: tf.reduce_mean(value) for name, value in values.items()}

    def replica_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Does `train_step` on one replica of a distribution strategy."""
        context = tf.distribute.get_replica_context()
        seed = tf.random.fold_in(
            tf.constant([self.config.training.seed, 0]),
            tf.cast(self.step, tf.int32),
        )
        seed = tf.random.fold_in(seed, context.replica_id_in_sync_group)
        gradients, loss = self._learn(batch, seed)
        mean = tf.distribute.ReduceOp.MEAN
        gradients = context.all_reduce(mean, gradients)
        norms = self._optimizers.apply(gradients)
        statistics = loss.statistics
        values = context.all_reduce(mean, list(statistics.values()))
        statistics = dict(zip(statistics, values, strict=True))
        self.learner.update(statistics, self.step)
        self.step.assign_add(1)
        return loss.metrics | {
            f"{name}_gradient_norm".removeprefix("model_"): norm
            for name, norm in norms.items()
        }

    def _learn(
        self, batch: Batch, seed: tf.Tensor
    ) -> tuple[list[tf.Tensor], Loss]:
        """Computes gradients, in the order of the optimisers' variables."""
        weights = [v.value for v in self._optimizers.variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            loss = self.learner.loss(batch, self.step, seed)
        return tape.gradient(loss.total, weights), loss
