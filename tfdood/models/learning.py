"""The interface of what learns: a model with the loss of its family."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import keras
import tensorflow as tf


class Loss(NamedTuple):
    """The loss of a training step, with its metrics and statistics.

    Attributes:
        total: scalar; training minimises it.
        metrics: scalars by name. The terms of a sum come before the sum, so
            that the first metric that is not finite shows the cause.
        statistics: tensors by name. After the step, `Trainable.update` gets
            their means over all replicas.
    """

    total: tf.Tensor
    metrics: dict[str, tf.Tensor]
    statistics: dict[str, tf.Tensor]


class ParameterGroup(NamedTuple):
    """Parameters with one optimiser.

    Attributes:
        variables: trainable variables.
        learning_rate: the peak of the learning rate's schedule. None means
            `training.learning_rate`; then the gradient is also clipped to
            `training.clip_norm`.
        first_step: the step from which the parameters learn; their gradients
            are 0 before it. Adam counts the steps of the group from there on.
    """

    variables: Sequence[keras.Variable]
    learning_rate: float | None = None
    first_step: int = 0


class Trainable(Protocol):
    """A model together with the loss of its family.

    Attributes:
        headline: the names of the metrics that the progress bar shows.
    """

    headline: tuple[str, ...]

    def loss(self, batch: Any, step: tf.Tensor, seed: tf.Tensor) -> Loss:
        """Computes the loss of a batch.

        Args:
            batch: a `data.Batch`: images `[B, H, W, C]` in [0, 1], labels
                `[B]`, and strokes if the dataset has them.
            step: int64 scalar, the number of finished steps.
            seed: int32 `[2]`, the seed of all random numbers.

        Returns:
            The loss, its metrics and its statistics.
        """

    def start(self) -> None:
        """Sets the running values of the model to those of a new run.

        The loop calls it once, after a warm start and before the first step. A
        resumed run has its values from the checkpoint.
        """

    def parameter_groups(self) -> Mapping[str, ParameterGroup]:
        """Lists all trained parameters, by the name of their group."""

    def update(
        self, statistics: Mapping[str, tf.Tensor], step: tf.Tensor
    ) -> None:
        """Updates running values with the statistics of a step.

        It does not change the parameters of `parameter_groups`.

        Args:
            statistics: the means of `Loss.statistics` over all replicas.
            step: int64 scalar, the number of steps finished before this one.
        """

    def warnings(self, num_steps: int) -> list[str]:
        """Lists the schedules that do not finish within a run.

        Args:
            num_steps: the number of steps of the whole run.

        Returns:
            One sentence for each problem; empty if there is none.
        """

    def state(self) -> list[tf.Variable]:
        """Lists the variables of a checkpoint that are not in the model."""
