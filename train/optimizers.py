"""Adam for groups of parameters, each with a learning rate of its own."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood.objectives import schedules
from tfdood.settings.schema import TrainingConfig

_EPSILON = 1e-8


class Group(NamedTuple):
    """Parameters that share a learning rate.

    Attributes:
        variables: trainable `keras.Variable`s.
        learning_rate: the peak of its schedule.
        clip_norm: gradients are scaled down to this global norm; 0 does not.
    """

    variables: Sequence[keras.Variable]
    learning_rate: float
    clip_norm: float = 0.0


class GroupedAdam:
    """One Adam a group.

    Args:
        groups: by name; groups without variables are left out.
        training: of the schedule.
    """

    def __init__(self, groups: Mapping[str, Group], training: TrainingConfig):
        self._groups = {
            name: group for name, group in groups.items() if group.variables
        }
        self._optimizers = {}
        for name, group in self._groups.items():
            schedule = schedules.WarmupThenCosine(group.learning_rate, training)
            optimizer = keras.optimizers.Adam(schedule, epsilon=_EPSILON)
            optimizer.build(group.variables)
            self._optimizers[name] = optimizer
        self._num_replicas = tf.distribute.get_strategy().num_replicas_in_sync
        if not tf.distribute.has_strategy():
            # One pass over memory instead of one an operation.
            self._update = tf.function(self._update, jit_compile=True)

    @property
    def variables(self) -> list[keras.Variable]:
        """What is optimised, group after group."""
        return [v for group in self._groups.values() for v in group.variables]

    def checkpointed(self) -> dict[str, keras.optimizers.Optimizer]:
        """The optimisers, by name."""
        return {f"{n}_optimizer": o for n, o in self._optimizers.items()}

    def apply(self, gradients: Sequence[tf.Tensor]) -> dict[str, tf.Tensor]:
        """Updates all variables.

        Args:
            gradients: in the order of `variables`; the same on all replicas.

        Returns:
            The global norm of each group's gradient, before clipping.
        """
        return self._update(gradients)

    def _update(self, gradients):
        norms = {}
        for name, group in self._groups.items():
            own = gradients[: len(group.variables)]
            gradients = gradients[len(group.variables) :]
            norms[name] = tf.linalg.global_norm(own)
            if group.clip_norm:
                own, _ = tf.clip_by_global_norm(
                    own, group.clip_norm, norms[name]
                )
            # Keras adds up what the replicas give it.
            own = [gradient / self._num_replicas for gradient in own]
            self._optimizers[name].apply(own, group.variables)
        return norms
