"""Keeps the weights of the best evaluation of a run (early stopping)."""

import math
from collections.abc import Mapping
from typing import Any

from tfdood.saved import runs

from . import checkpoints, run_folder

_LARGER_IS_BETTER = ("elbo", "iwae")


class Best:
    """The checkpoint of the evaluation with the best value of a measure.

    Of `elbo` and `iwae` the largest value is best, of others the least.

    Args:
        measure: the name of a measure of validation drawings, without the
            prefix `validation/`; empty to keep nothing.
        trackables: everything that training changes, by name.
        folder: the run folder; the checkpoint is in its folder `best`.
        start: the number of steps after which the run goes on. Weights of a
            later step are replaced at the next evaluation: the run was killed
            before it had a checkpoint of that step.
    """

    def __init__(
        self,
        measure: str,
        trackables: Mapping[str, Any],
        folder: run_folder.RunFolder,
        start: int,
    ) -> None:
        self._name = f"{runs.VALIDATION}{measure}" if measure else ""
        if measure:
            self._checkpoints = checkpoints.Checkpoints(
                trackables, folder.path / runs.BEST, max_to_keep=1
            )
            self._sign = -1.0 if measure in _LARGER_IS_BETTER else 1.0
            # Weights of evaluations before this setting were not kept.
            kept = runs.saved_steps(folder.path / runs.BEST)
            is_known = bool(kept) and kept[0] <= start
            past = folder.recorded(self._name) if is_known else []
            self._least = min((self._sign * x for x in past), default=math.inf)

    def save_if_better(self, step: int, values: Mapping[str, float]) -> None:
        """Keeps the weights if no earlier evaluation was as good.

        Args:
            step: the number of finished steps.
            values: the measures of an evaluation by name.

        Raises:
            runs.RunError: If the evaluation has no such measure.
            OSError: If the checkpoint cannot be written.
        """
        if not self._name:
            return
        if self._name not in values:
            known = sorted(n.removeprefix(runs.VALIDATION) for n in values)
            raise runs.RunError(
                "training.keep_best must be a measure of validation drawings, "
                f"got {self._name.removeprefix(runs.VALIDATION)!r}; choose "
                f"from {', '.join(known)}."
            )
        # A resumed run knows the recorded values alone.
        value = self._sign * run_folder.seven_digits(values[self._name])
        if value < self._least:
            self._least = value
            self._checkpoints.save(step)
