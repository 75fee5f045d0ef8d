"""Keeps the weights of the best evaluation of a run (early stopping)."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tfdood.saved import runs

from . import checkpoints, run_folder

_LARGER_IS_BETTER = ("elbo", "iwae")


def check(measure: str, known: Iterable[str]) -> None:
    """Checks the name of the measure whose best weights are kept.

    Args:
        measure: the setting `training.keep_best`, not empty.
        known: the measures that an evaluation has.

    Raises:
        runs.RunError: If there is no such measure.
    """
    known = sorted(known)
    if measure not in known:
        raise runs.RunError(
            "training.keep_best must be a measure of validation drawings, got "
            f"{measure!r}; choose from {', '.join(known)}."
        )


class Best:
    """The checkpoint of the evaluation with the best value of a measure.

    The best value of `elbo` and `iwae` is the largest one. The best value of
    any other measure is the smallest one.

    Args:
        measure: the name of a measure of validation drawings, without the
            prefix `validation/`; empty to keep nothing.
        trackables: everything that training changes, by name.
        folder: the run folder; the checkpoint is in its folder `best`.
        start: the number of finished steps from which the run continues. If
            the kept weights are of a later step, the next evaluation replaces
            them: the run was killed before it saved a checkpoint of that step.
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
            kept = runs.saved_steps(folder.path / runs.BEST)
            is_known = bool(kept) and kept[0] <= start
            past = folder.recorded(self._name) if is_known else {}
            # Evaluations before this setting may be better: their weights were
            # not kept.
            self._least = math.inf
            if is_known and kept[0] in past:
                self._least = self._sign * past[kept[0]]

    def save_if_better(self, step: int, values: Mapping[str, float]) -> None:
        """Keeps the weights if no earlier evaluation was as good.

        Args:
            step: the number of finished steps.
            values: the measures of an evaluation by name.

        Raises:
            OSError: If the checkpoint cannot be written.
        """
        if not self._name:
            return
        # A resumed run knows the recorded values alone.
        value = self._sign * run_folder.seven_digits(values[self._name])
        if value < self._least:
            self._least = value
            self._checkpoints.save(step)
