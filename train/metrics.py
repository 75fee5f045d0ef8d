"""The metrics of steps, averaged over each interval between two records."""

import json
import math
from collections.abc import Mapping

import tensorflow as tf

from tfdood.saved import runs


class NonFiniteError(runs.RunError):
    """A metric is not a finite number: training has failed."""


class Interval(tf.train.experimental.PythonState):
    """The metrics of the steps since the last record.

    A checkpoint holds them. A run that is resumed in the middle of an interval
    then writes the same record as a run that was never stopped.
    """

    def __init__(self) -> None:
        self._steps = {}

    def add(self, step: int, metrics: Mapping[str, tf.Tensor]) -> None:
        """Stores the metrics of a step without waiting for their values.

        Args:
            step: the number of the step.
            metrics: scalars by name.
        """
        self._steps[step] = metrics

    def check(self) -> None:
        """Waits for all values and checks them.

        Raises:
            NonFiniteError: If a value is not finite; it names the first one.
        """
        for step, metrics in self._steps.items():
            self._steps[step] = finite(metrics, step)

    def pop_mean(self) -> dict[str, float]:
        """Computes the mean of each metric, and starts a new interval.

        Returns:
            Python floats by name, means over the steps since the last call.

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
        """Returns the JSON that a checkpoint stores.

        Raises:
            NonFiniteError: If a value is not finite.
        """
        self.check()
        return json.dumps(self._steps)

    def deserialize(self, string_value: bytes) -> None:
        """Restores the metrics that a checkpoint stored.

        Args:
            string_value: JSON that `serialize` returned.
        """
        steps = json.loads(string_value)
        self._steps = {int(step): steps[step] for step in steps}


def finite(metrics: Mapping[str, tf.Tensor], step: int) -> dict[str, float]:
    """Converts scalar metrics to Python floats, and checks them.

    Args:
        metrics: scalars by name.
        step: the step of the metrics, for the error message.

    Returns:
        Python floats by name.

    Raises:
        NonFiniteError: If a value is not finite; it names the first one.
    """
    values = {name: float(value) for name, value in metrics.items()}
    for name, value in values.items():
        if not math.isfinite(value):
            raise NonFiniteError(
                f"{name} is {value} at step {step}; expected a finite number, "
                "so training cannot continue. The earlier checkpoints are "
                "intact. Try a smaller --learning_rate, or a smaller "
                "training.clip_norm (0 clips nothing), in another --run_dir."
            )
    return values
