"""One training step: it updates the weights with one batch."""

from typing import Any

import keras
import tensorflow as tf

from tfdood import models
from tfdood.data.batching import Batch
from tfdood.models.base import Ratio
from tfdood.models.learning import Loss
from tfdood.saved import runs
from tfdood.settings import schema, text

from . import optimizers


class Trainer:
    """A model, its loss and its optimisers.

    Args:
        config: the configuration of the run.

    Attributes:
        config: the configuration of the run.
        model: the model that is trained.
        learner: the `Trainable` that computes the loss of the model.
        step: int64 scalar variable, the number of finished steps.

    Raises:
        ValueError: If a setting is out of its range or without effect.
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
        self._optimizers = optimizers.GroupedOptimizer(
            self.learner.parameter_groups(), training
        )
        self._single_step = tf.function(self.replica_step, autograph=False)
        if training.jit_compile:
            self._learn = tf.function(
                self._learn, jit_compile=True, autograph=False
            )

    def checkpointed(self) -> dict[str, Any]:
        """Lists the objects that a checkpoint must hold, by name."""
        return {
            "step": self.step,
            "model": runs.variables(self.model),
            "learner": self.learner.state(),
            **self._optimizers.checkpointed(),
        }

    def train_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Updates the weights with the gradients of a batch, on one device.

        Args:
            batch: images `[B, H, W, C]` and labels `[B]`.

        Returns:
            The metrics of the step, scalars by name.
        """
        return self._single_step(batch)

    @tf.function(reduce_retracing=True, autograph=False)
    def evaluate(
        self, batch: Batch, num_particles: int, seed: tf.Tensor
    ) -> dict[str, Ratio]:
        """Sums `Model.measures` over drawings; no variable changes.

        Args:
            batch: validation drawings.
            num_particles: number of samples of the importance weighted bound,
                at least 1.
            seed: int32 `[2]`.

        Returns:
            Scalars by name: a sum, and the count by which to divide it.
        """
        values = self.model.measures(batch, num_particles, seed)
        return {
            name: Ratio(
                *map(
                    tf.reduce_sum,
                    value
                    if isinstance(value, Ratio)
                    else (value, tf.ones_like(value)),
                )
            )
            for name, value in values.items()
        }

    def replica_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Runs `train_step` on one replica of a distribution strategy.

        Args:
            batch: the replica's part of the global batch.

        Returns:
            The metrics of the replica, scalars by name.
        """
        context = tf.distribute.get_replica_context()
        seed = tf.random.fold_in(
            tf.constant([self.config.training.seed, 0]),
            tf.cast(self.step, tf.int32),
        )
        seed = tf.random.fold_in(seed, context.replica_id_in_sync_group)
        gradients, loss = self._learn(batch, seed)
        mean = tf.distribute.ReduceOp.MEAN
        gradients = context.all_reduce(mean, gradients)
        norms = self._optimizers.apply(gradients, self.step)
        statistics = loss.statistics
        if statistics:
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
        """Computes the loss, and gradients in the optimisers' order."""
        weights = [v.value for v in self._optimizers.variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            loss = self.learner.loss(batch, self.step, seed)
        return tape.gradient(loss.total, weights), loss
