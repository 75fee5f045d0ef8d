"""The training that models of scenes have in common."""

from collections.abc import Mapping
from typing import ClassVar

import tensorflow as tf

from tfdood.models import learning
from tfdood.models.base import Model
from tfdood.objectives import schedules
from tfdood.settings.scenes import CodeObjective


class CodeLearner:
    """What a `Trainable` without running values does beside its loss.

    Attributes:
        schedules: the settings with the steps at which schedules end.

    Args:
        model: the model to train.
        objective: the settings of the objective.
    """

    schedules: ClassVar[tuple[str, ...]] = ("beta_steps",)

    def __init__(self, model: Model, objective: CodeObjective) -> None:
        self.model = model
        self.objective = objective

    def code_weight(self, step: tf.Tensor) -> tf.Tensor:
        """Computes the weight of the divergence of the scene's code.

        Args:
            step: int64 scalar, the number of finished steps.

        Returns:
            Scalar: it rises from 0 to `objective.beta`.
        """
        objective = self.objective
        return schedules.linear(step, 0.0, objective.beta, objective.beta_steps)

    def start(self) -> None:
        """See `Trainable.start`; there are no running values."""

    def parameter_groups(self) -> dict[str, learning.ParameterGroup]:
        """See `Trainable.parameter_groups`."""
        return {
            "model": learning.ParameterGroup(self.model.trainable_variables)
        }

    def update(
        self, statistics: Mapping[str, tf.Tensor], step: tf.Tensor
    ) -> None:
        """See `Trainable.update`; there are no running values."""

    def warnings(self, num_steps: int) -> list[str]:
        """See `Trainable.warnings`; checks all schedules."""
        ends = {name: getattr(self.objective, name) for name in self.schedules}
        return [
            f"A schedule ends at step {end}, after the end of this run at step "
            f"{num_steps}; lower objective.{name}."
            for name, end in ends.items()
            if end > num_steps
        ]

    def state(self) -> list[tf.Variable]:
        """See `Trainable.state`."""
        return []
