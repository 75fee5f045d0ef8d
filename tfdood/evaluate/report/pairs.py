"""Paired differences between models that saw the same drawings."""

import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfdood.evaluate.records import values
from tfdood.evaluate.records.job import Measure, mean
from tfdood.evaluate.report import labels, page

METRICS = {
    "marginal_likelihood": ("iwae", "nats", 1.0, ".1f"),
    "reconstruction": ("mean_absolute_error", "error", -1.0, ".5f"),
    "parsing": ("f_score", "F-score", 1.0, ".3f"),
}
"""By task: the metric that is paired, its name, the sign of better, a form."""

_SAME = (
    *("task_version", "dataset", "split", "read_from", "source", "num_images"),
    *("strokes", "seed", "image_size"),
)
_SAME_NATS = (
    *("num_particles", "likelihood"),
    *("pixel_scale", "pixel_scale_floor", "pixel_std"),
)


class _Evaluated(NamedTuple):
    """A model with its values `[N]`, one a drawing."""

    record: Mapping[str, Any]
    values: np.ndarray


def difference(ours: np.ndarray, theirs: np.ndarray) -> Measure:
    """The mean of the differences of each drawing, with its standard error.

    Args:
        ours: `[N]`, of one model.
        theirs: `[N]`, of another model, on the same drawings.
    """
    return mean(np.float64(ours) - np.float64(theirs))


def table(
    task: str,
    records: Iterable[Mapping[str, Any]],
    folder: pathlib.Path,
    reference: str | None = None,
) -> page.Table | None:
    """A row a model and dataset: its difference to the reference.

    Args:
        task: a key of `METRICS`.
        records: of that task.
        folder: of results, with the values of single drawings.
        reference: the name or the fingerprint of the model to compare with, or
            the start of its fingerprint; its recognition network, if there are
            values of it. By default the best of the models that have values.

    Returns:
        The table, or `None` if no two models have values of the same drawings.
    """
    metric, name, sign, form = METRICS[task]
    rows = []
    for group in _groups(task, records, folder):
        best = max(group, key=lambda one: sign * one.values.mean())
        chosen = [one for one in group if is_named(one.record, reference)]
        if reference is not None and not chosen:
            continue
        chosen.sort(key=lambda one: labels.is_explained(one.record))
        other = chosen[0] if reference is not None else best
        rows += [
            _row(one, other, form)
            for one in group
            if one.record["job"] != other.record["job"]
        ]
    if not rows:
        return None
    return page.Table(
        "Paired differences",
        ["model", "reference", "drawings", f"{name}: model - reference"],
        rows,
        "Means over drawings of the difference between two models on the same "
        "drawing, with their standard errors over drawings. Without "
        "--reference=NAME the reference is the best model on these drawings; "
        "models whose values of each drawing are not in the folder have no "
        "part. Only nats of the same density of pixels are compared. "
        "Differences say nothing about other training seeds.",
    )


def is_named(record: Mapping[str, Any], reference: str | None) -> bool:
    """Whether a record is of the model of a name or fingerprint.

    Args:
        record: of a result.
        reference: a name, a fingerprint, or the start of one; None is nobody's.
    """
    if not reference:
        return False
    fingerprint = str(record.get("fingerprint", ""))
    return record.get("model") == reference or (
        len(reference) >= labels.NUM_DIGITS
        and fingerprint.startswith(reference)
    )


def _groups(
    task: str, records: Iterable[Mapping[str, Any]], folder: pathlib.Path
) -> list[Sequence[_Evaluated]]:
    """Models with values of the same drawings, two or more each."""
    metric = METRICS[task][0]
    names = _SAME + (_SAME_NATS if task == "marginal_likelihood" else ())
    found: dict[str, list[_Evaluated]] = {}
    for record in records:
        if record["metric"] != metric:
            continue
        own = values.read(folder, record["job"]).get(metric)
        if own is not None:
            same = json.dumps([record.get(name) for name in names] + [own.size])
            found.setdefault(same, []).append(_Evaluated(record, own))
    return [group for group in found.values() if len(group) > 1]


def _row(one: _Evaluated, other: _Evaluated, form: str) -> list[str]:
    paired = difference(one.values, other.values)
    error = page.MISSING
    if len(one.values) > 1:
        error = f"{paired.standard_error:{form}}"
    return [
        *(
            f"{labels.parser(x.record)}\n{labels.training(x.record)}"
            for x in (one, other)
        ),
        labels.drawings(one.record),
        f"{paired.value:{form}} ± {error}",
    ]
