"""Errors over training seeds, told from errors over drawings."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfdood.evaluate.report import labels, page

_SAME = (
    *(
        "task_version",
        "recipe",
        "step",
        "dataset",
        "split",
        "read_from",
        "source",
    ),
    *("strokes", "runs", "num_particles", "temperature", "seed", "metric"),
    *("parser", "parser_version", "proposal"),
    *("refinement_steps", "refinement_rate"),
)


class Spread(NamedTuple):
    """A measure of models that differ in the training seed alone.

    Attributes:
        mean: over the seeds.
        deviation: the standard deviation over the seeds, with `S - 1`.
        drawing_error: the standard error over drawings of one model, the root
            of the mean square over the seeds.
    """

    mean: float
    deviation: float
    drawing_error: float


def spread(values: Iterable[float], errors: Iterable[float]) -> Spread:
    """Summarises models that differ in the training seed alone.

    Args:
        values: `S` of them, at least 2, one a seed.
        errors: their standard errors over drawings.
    """
    x, errors = (np.array([*y], np.float64) for y in (values, errors))
    return Spread(
        float(x.mean()),
        float(x.std(ddof=1)),
        float(np.sqrt(np.mean(errors**2))),
    )


def table(records: Iterable[Mapping[str, Any]]) -> page.Table | None:
    """A row a metric of models that differ in the training seed alone.

    Args:
        records: of one task.

    Returns:
        The table, or `None` if there are no such models.
    """
    found: dict[str, dict[Any, Mapping[str, Any]]] = {}
    for record in records:
        if record.get("recipe"):
            # Some measures have no value for some of the drawings of a job.
            asked = record.get("job", record).get("num_images")
            same = json.dumps([asked, *(record.get(name) for name in _SAME)])
            found.setdefault(same, {})[record["training_seed"]] = record
    rows = [_row(group) for group in found.values() if len(group) > 1]
    if not rows:
        return None
    return page.Table(
        "Over training seeds",
        [
            *("models", "drawings", "evaluated with", "metric"),
            "mean over seeds",
            "standard deviation over seeds",
            "standard error of one model",
        ],
        rows,
        "Models whose recorded settings differ in the training seed alone; "
        "the code and the rounding of their weights may differ. Of several "
        "models of one seed the last record counts. "
        "The deviation over seeds is of one model, not of the mean. The "
        "standard error is over drawings, or over runs or classifiers where "
        "the task says so.",
    )


def _row(group: Mapping[Any, Mapping[str, Any]]) -> list[str]:
    records = list(group.values())
    found = spread(
        [record["value"] for record in records],
        [record["standard_error"] for record in records],
    )
    names = ", ".join(labels.model(group[seed]) for seed in sorted(group))
    return [
        f"{names}\n{labels.training(records[0], sorted(group))}",
        labels.drawings(records[0]),
        labels.settings(records[0]),
        str(records[0]["metric"]),
        page.number(found.mean, ".6g"),
        page.number(found.deviation, ".2g"),
        page.number(found.drawing_error, ".2g")
        if found.drawing_error
        else page.MISSING,
    ]
