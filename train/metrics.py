"""The metrics of single steps, gathered into one record an interval."""

import json
import math
from collections.abc import Mapping

import tensorflow as tf

from tfdood.saved import runs


class NonFiniteError(runs.RunError):
    """A metric is not a finite number: training has failed."""


class Interval(tf.train.experimental.PythonState):
    """The metrics of the steps since the last record.

    It is part of a checkpoint, so that a run that stops in the middle of an
    interval goes on to write the record that it would have written.
    """

    def __init__(self) -> None:
        self._steps = {}

    def add(self, step: int, metrics: Mapping[str, tf.Tensor]) -> None:
        """Notes the metrics of a step without waiting for their values."""
        self._steps[step] = metrics

    def check(self) -> None:
        """Waits for all values and checks them.

        Raises:
            NonFiniteError: If one is not finite, naming the first.
        """
        for step, metrics in self._steps.items():
            self._steps[step] = finite(metrics, step)

    def pop_mean(self) -> dict[str, float]:
        """The mean of each metric since the last call.

        Raises:
            NonFiniteError: If a value is not finite.
        """
        self.check()
        steps = list(self._steps.values())
        self._steps = {}
        return {
            name: math.fsum(metrics[name] for metrics in steps) / len(steps)
            for name in steps[0]
        }

    def serialize(self) -> str:
        """What a checkpoint stores."""
        self.check()
        return json.dumps(self._steps)

    def deserialize(self, string_value: bytes) -> None:
        """Takes what a checkpoint stored."""
        steps = json.loads(string_value)
        self._steps = {int(step): steps[step] for step in steps}


def finite(metrics: Mapping[str, tf.Tensor], step: int) -> dict[str, float]:
    """The values of scalar metrics.

    Args:
        metrics: scalars by name.
        step: the step they belong to, for the message.

    Returns:
        Python floats by name.

    Raises:
        NonFiniteError: If one of them is not finite, naming the first.
    """
    values = {name: float(value) for name, value in metrics.items()}
    for name, value in values.items():
        if not math.isfinite(value):
            raise NonFiniteError(
                f"{name} is {value} at step {step}, so training cannot go on; "
                "the checkpoints before it are intact. Try a smaller "
                "--learning_rate or --set=training.clip_norm=1 in another "
                "--run_dir."
            )
    return values
