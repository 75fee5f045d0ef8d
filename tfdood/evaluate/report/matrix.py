"""How models do from dataset to dataset, as the paper's Fig. 3 and 4."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tfdood.evaluate.report import labels, page, published
from tfdood.settings import presets

_RECONSTRUCTION = {
    "mean_absolute_error": ("error", ".4f"),
    "num_strokes": ("strokes", ".2f"),
    "sharpness": ("sharpness", ".2f"),
}

_Metrics = Mapping[str, Mapping[str, Any]]
"""Records by the name of the metric."""


_NUMBERS = "collages", "pixel_std"


class _Setting(NamedTuple):
    """What the cells of a row of the matrix have in common."""

    trained_on: str
    training_source: str
    start_from: str
    model: str
    fingerprint: str
    step: Any
    batch_size: Any
    encoder: str
    likelihood: str
    pixel_scale: str
    pixel_std: Any
    collages: Any
    training_seed: Any
    preset: str
    split: str
    task_version: Any
    num_images: Any
    num_particles: Any
    seed: Any
    parser: str
    proposal: str
    refinement_steps: Any
    refinement_rate: Any
    is_of_sample: bool
    is_comparable: bool
    version: int = 0


def table(task: str, records: Iterable[Mapping[str, Any]]) -> page.Table:
    """A row a model and a column a dataset.

    A model has another row for another version of the drawings of a dataset.

    Args:
        task: a key of `TASKS`.
        records: of that task; those of metrics that cells do not show, and of
            other datasets than those of the paper, have no part.
    """
    cell, shown, note = TASKS[task]
    rows: dict[_Setting, dict[str, dict[str, Mapping[str, Any]]]] = {}
    versions: dict[tuple[_Setting, str], list[str]] = {}
    for record in records:
        if record["metric"] not in shown or not is_placed(record):
            continue
        setting, target = _setting(record), record["dataset"]
        known = versions.setdefault((setting, target), [])
        if (drawings := record.get("read_from", "")) not in known:
            known.append(drawings)
        setting = setting._replace(version=known.index(drawings))
        metrics = rows.setdefault(setting, {}).setdefault(target, {})
        metrics[record["metric"]] = record
    settings = sorted(rows, key=_order)
    return page.Table(
        "From dataset to dataset",
        ["trained on", *published.DATASETS],
        [
            [
                _described(setting),
                *(
                    cell(setting, target, rows[setting].get(target, {}))
                    for target in published.DATASETS
                ),
            ]
            for setting in settings
        ],
        note,
    )


def is_placed(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a dataset that has a column.

    Args:
        record: of a result.
    """
    return record.get("dataset") in published.DATASETS


def _order(setting: _Setting) -> tuple:
    """By dataset and preset, as they are listed elsewhere, then by model."""
    places = (
        list(known).index(name) if name in known else len(known)
        for known, name in (
            (published.DATASETS, setting.trained_on),
            (presets.PRESETS, setting.preset),
        )
    )
    return *places, setting.model, setting.fingerprint, setting.version


def _setting(record: Mapping[str, Any]) -> _Setting:
    values = {
        name: record.get(name, None if name in _NUMBERS else "")
        for name in _Setting._fields
        if not name.startswith("is_") and name != "version"
    }
    # Some measures have no value for some of the drawings of a job.
    values["num_images"] = record.get("job", record).get("num_images")
    return _Setting(
        **values,
        is_of_sample=published.is_of_sample(record),
        is_comparable=published.is_comparable(record),
    )


def _described(setting: _Setting) -> str:
    record = setting._asdict()
    lines = (
        setting.trained_on
        + (f", from {setting.start_from}" if setting.start_from else ""),
        labels.model(record),
        labels.training(record),
        f"{page.number(setting.num_images, ',')} "
        f"{page.number(setting.split, '')} drawings a cell"
        + (" of the embedded sample" if setting.is_of_sample else "")
        + (", of another version of the dataset" if setting.version else ""),
        labels.settings(record),
    )
    return "\n".join(lines)


def _likelihood(setting: _Setting, target: str, metrics: _Metrics) -> str:
    source = setting.trained_on
    lines = [_measure(metrics.get("iwae"), ".0f")]
    if not setting.is_comparable:
        return lines[0]
    spread = published.marginal_likelihood(setting.preset, source, target)
    if spread:
        lines.append(f"paper {spread}")
    if (source, target) in published.BLANK_CANVAS:
        lines.append(f"blank {published.BLANK_CANVAS[source, target]:.0f}")
    return "\n".join(lines)


def _reconstruction(setting: _Setting, target: str, metrics: _Metrics) -> str:
    del setting, target
    if not metrics:
        return page.MISSING
    return "\n".join(
        f"{name} {_measure(metrics.get(metric), form)}"
        for metric, (name, form) in _RECONSTRUCTION.items()
    )


def _measure(record: Mapping[str, Any] | None, form: str) -> str:
    if record is None:
        return page.MISSING
    error = page.number(record.get("standard_error") or None, form)
    return f"{page.number(record.get('value'), form)} ± {error}"


TASKS = {
    "marginal_likelihood": (
        _likelihood,
        ("iwae",),
        "Ours with its standard error; what was published of the same system "
        "with its standard deviation over seeds; a blank canvas with the best "
        "scale of each pixel on the source, which a model must beat. Only "
        "models of 50 x 50 Laplace pixels with a scale by position, from 0.01, "
        "and 200 particles compare.",
    ),
    "reconstruction": (
        _reconstruction,
        tuple(_RECONSTRUCTION),
        "The mean absolute error of a pixel, the mean number of strokes, and "
        "how steep edges are against those of the drawing.",
    ),
}
"""By task: the text of a cell, the metrics in it, and a note on the cells."""
