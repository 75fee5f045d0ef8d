"""Optimisers for groups of parameters with different learning rates."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from tfdood.models.learning import ParameterGroup
from tfdood.objectives import schedules
from tfdood.settings.schema import Training

_EPSILON = 1e-8
_RMSPROP_DECAY = 0.99


class Adam(keras.optimizers.Adam):
    """Adam with one operation for each weight instead of about ten."""

    def update_step(
        self,
        gradient: tf.Tensor,
        variable: tf.Variable,
        learning_rate: tf.Tensor,
    ) -> None:
        """See `keras.optimizers.Adam.update_step`."""
        index = self._get_variable_index(variable)
        count = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**count,
            beta2_power=self.beta_2**count,
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class GroupedOptimizer:
    """One optimiser for each group of parameters.

    Args:
        groups: the groups by name. Groups without variables are ignored.
        training: settings of the schedule of all groups, and settings of the
            learning rate and the gradient clipping of those groups that have
            no own learning rate.
    """

    def __init__(
        self, groups: Mapping[str, ParameterGroup], training: Training
    ) -> None:
        self._groups = {
            name: group for name, group in groups.items() if group.variables
        }
        self._clip_norm = training.clip_norm
        self._optimizers = {}
        for name, group in self._groups.items():
            peak = group.learning_rate
            peak = training.learning_rate if peak is None else peak
            optimizer = _make(
                training.optimizer,
                schedules.WarmupThenCosine(peak, training, group.first_step),
            )
            optimizer.build(group.variables)
            self._optimizers[name] = optimizer
        self._num_replicas = tf.distribute.get_strategy().num_replicas_in_sync

    @property
    def variables(self) -> list[keras.Variable]:
        """All parameters, ordered by group."""
        return [v for group in self._groups.values() for v in group.variables]

    def checkpointed(self) -> dict[str, keras.optimizers.Optimizer]:
        """Returns the objects that a checkpoint must hold, by name."""
        return {f"{n}_optimizer": o for n, o in self._optimizers.items()}

    def apply(
        self, gradients: Sequence[tf.Tensor], step: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Updates all parameters.

        Adam corrects the bias of its moments by its count of steps. The count
        of a group starts at the group's first step. If it started earlier, the
        first updates after many gradients of 0 would be several times the
        learning rate.

        Args:
            gradients: one gradient for each parameter, in the order of
                `variables`; the same on all replicas.
            step: int64 scalar, the number of finished steps of the run.

        Returns:
            The global norm of each group's gradient before clipping, scalars
            by the name of the group.
        """
        norms = {}
        for name, group in self._groups.items():
            own = gradients[: len(group.variables)]
            gradients = gradients[len(group.variables) :]
            norms[name] = tf.linalg.global_norm(own)
            if self._clip_norm and group.learning_rate is None:
                own, _ = tf.clip_by_global_norm(
                    own, self._clip_norm, norms[name]
                )
            # Keras sums the gradients over the replicas.
            own = [gradient / self._num_replicas for gradient in own]
            optimizer = self._optimizers[name]
            count = tf.maximum(step - group.first_step, 0)
            optimizer.iterations.assign(tf.cast(count, tf.int32))
            optimizer.apply(own, group.variables)
        return norms


def _make(
    name: str, schedule: keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Makes an optimiser, `adam` or `rmsprop`."""
    if name == "adam":
        return Adam(schedule, epsilon=_EPSILON)
    # Keras adds this below the root, PyTorch adds 1e-8 to the root.
    return keras.optimizers.RMSprop(
        schedule, rho=_RMSPROP_DECAY, epsilon=_EPSILON**2
    )
