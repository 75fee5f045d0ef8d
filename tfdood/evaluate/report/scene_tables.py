"""The tables of GNM's paper, with our models beside its systems."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tfdood.evaluate.report import labels, page, published, published_scenes
from tfdood.evaluate.report.published_scenes import (
    Generation,
    Recognition,
    System,
)

_Record = Mapping[str, Any]

_PAPER = "Jiang and Ahn (2020)"
_TEXT = (
    "Models of scenes beside the published ones of " + _PAPER + ". The "
    "protocols differ. The paper has 128 x 128 pixels with a standard "
    "deviation of 0.2, a million steps of 32 scenes and scenes that are not "
    "published, and people judged its samples; ours are what their cells say, "
    "on scenes that are made again, judged by a classifier of digits. So only "
    "numbers of ours compare with each other, and of nats only those of equal "
    "pixels. The tables of the tasks above say of how many scenes they are."
)
_GENERATION_HEADER = (
    *("dataset", "system", "S-Acc, D-Steps and LL of the paper", "our model"),
    *("rule obeyed, by ink", "rule obeyed, by its boxes"),
    *("steps to tell apart", "nats", "nats, relaxed"),
)
_GENERATION_METRICS = {
    "scene_accuracy_by_connected_ink": ".3f",
    "scene_accuracy": ".3f",
    "discrimination_steps": ".0f",
    "iwae": ".0f",
    "relaxed_iwae": ".0f",
}
_GENERATION_REFERENCES = {
    "real scenes": (
        "scene_accuracy_of_real_scenes_by_connected_ink",
        "scene_accuracy_of_real_scenes_by_true_boxes",
        "discrimination_steps_of_other_training_images",
        "",
        "",
    ),
    "digits shuffled": ("", "scene_accuracy_of_shuffled_digits", "", "", ""),
    "blank canvas": (
        "scene_accuracy_of_blank_scenes",
        "",
        "discrimination_steps_of_blank_canvases",
        "log_likelihood_of_blank_canvas",
        "",
    ),
}
_GENERATION_NOTE = (
    "By ink: connected pieces of ink are the boxes, the same judge for models "
    "with and without objects. By its boxes: those of the model; of real and "
    "of shuffled scenes, the true ones. Steps are those of our own classifier, "
    "2,000 at most. Nats are a lower bound; relaxed, as the paper reports them "
    "of GNM, they are no bound. Real scenes, shuffled digits and a blank "
    "canvas learn nothing."
)
_RECOGNITION_HEADER = (
    *("dataset", "system", "AP at .5, AP and digits of the paper"),
    *("our model", "AP at .5", "AP", "AP at .5, tightened", "AP, tightened"),
    "digits",
)
_RECOGNITION_METRICS = {
    "average_precision_50": ".3f",
    "average_precision": ".3f",
    "average_precision_50_of_tightened_boxes": ".3f",
    "average_precision_of_tightened_boxes": ".3f",
    "digit_accuracy": ".3f",
}
_RECOGNITION_REFERENCES = {
    "connected ink, pixels": (
        "average_precision_50_of_connected_ink",
        "average_precision_of_connected_ink",
        "",
        "",
        "digit_accuracy_of_pixels",
    ),
    "equal cells, one class": (
        "average_precision_50_of_equal_cells",
        "average_precision_of_equal_cells",
        "",
        "",
        "digit_accuracy_of_majority_class",
    ),
}
_RECOGNITION_NOTE = (
    "True boxes are those of the ink, in ours; the paper does not say what its "
    "are. Tightened boxes are shrunk to the ink in them. Digits are told by a "
    "logistic regression, in the paper by a network with a hidden layer. The "
    "last rows learn no boxes."
)


class _Model(NamedTuple):
    """A model with its measures on a dataset: records by metric."""

    dataset: str
    measures: Mapping[str, _Record]

    @property
    def any(self) -> _Record:
        """One of its records."""
        return next(iter(self.measures.values()))


class _Kind(NamedTuple):
    """What the tables of generation, or of recognition, have in common."""

    header: Sequence[str]
    metrics: Mapping[str, str]
    references: Mapping[str, Sequence[str]]
    note: str


_GENERATION = _Kind(
    _GENERATION_HEADER,
    _GENERATION_METRICS,
    _GENERATION_REFERENCES,
    _GENERATION_NOTE,
)
_RECOGNITION = _Kind(
    _RECOGNITION_HEADER,
    _RECOGNITION_METRICS,
    _RECOGNITION_REFERENCES,
    _RECOGNITION_NOTE,
)


def section(records: Iterable[_Record]) -> page.Section | None:
    """A section with Tables 1 to 4 of GNM's paper.

    A row is of a system on a dataset, and of each model of ours that is this
    system, was trained on this dataset and was evaluated on its test scenes.
    Of several results of a metric, the last one counts.

    Args:
        records: of any tasks.

    Returns:
        The section; None if no record is of scenes.
    """
    models = _models(records)
    if not models:
        return None
    tables = [
        _table(f"{name} of {_PAPER}", _GENERATION, table, models)
        for name, table in published_scenes.GENERATION.items()
    ]
    found = published_scenes.RECOGNITION
    tables.append(_table(f"Table 4 of {_PAPER}", _RECOGNITION, found, models))
    return page.Section("Scenes: the tables of GNM's paper", _TEXT, tables, [])


def is_of_scenes(record: _Record) -> bool:
    """Whether a record is of scenes.

    Args:
        record: of a result.
    """
    return record.get("dataset") in published_scenes.DATASETS


def _models(records: Iterable[_Record]) -> list[_Model]:
    """Our models on the dataset they were trained on.

    Measures are of test scenes, or of training scenes where a task has these
    alone; not of scenes of the embedded sample.
    """
    found: dict[tuple, dict[str, _Record]] = {}
    for record in records:
        if (
            is_of_scenes(record)
            and record.get("trained_on") == record["dataset"]
            and record.get("split") != "validation"
            and not published.is_of_sample(record)
        ):
            key = record["dataset"], record.get("fingerprint")
            found.setdefault(key, {})[record["metric"]] = record
    return [_Model(key[0], measures) for key, measures in found.items()]


def _table(
    title: str,
    kind: _Kind,
    published: Mapping[str, Mapping[System, Generation | Recognition]],
    models: Sequence[_Model],
) -> page.Table:
    rows = []
    for dataset, systems in published.items():
        name = f"{dataset}\n({published_scenes.DATASETS[dataset]})"
        shown = []
        for system, numbers in systems.items():
            own = [m for m in models if _is(m, system, dataset)]
            shown += own
            start = [name, system.name, _text(numbers)]
            rows += [[*start, *_cells(kind, m)] for m in own or [None]]
        rows += [[name, *cells] for cells in _references(kind, shown)]
    return page.Table(title, kind.header, rows, kind.note)


def _references(kind: _Kind, models: Iterable[_Model]) -> list[list[str]]:
    """Cells of what learns nothing, for each kind of pixels of the models."""
    found: dict[str, dict[str, _Record]] = {}
    for model in models:
        found.setdefault(_pixels(model.any), {}).update(model.measures)
    rows = []
    for pixels, measures in found.items():
        for name, metrics in kind.references.items():
            cells = _measures(measures, metrics, kind.metrics.values())
            if any(cell != page.MISSING for cell in cells):
                rows.append([name, page.MISSING, pixels, *cells])
    return rows


def _is(model: _Model, system: System, dataset: str) -> bool:
    """Whether a model is one of a system, trained on a dataset."""
    beta = model.any.get("beta")
    return (
        model.dataset == dataset
        and model.any.get("preset") in system.presets
        and system.beta == (1.0 if beta is None else beta)
    )


def _cells(kind: _Kind, model: _Model | None) -> list[str]:
    if model is None:
        return [page.MISSING] * (1 + len(kind.metrics))
    return [
        _described(model.any),
        *_measures(model.measures, kind.metrics, kind.metrics.values()),
    ]


def _measures(
    measures: Mapping[str, _Record],
    metrics: Iterable[str],
    forms: Iterable[str],
) -> list[str]:
    """The values of metrics with their standard errors."""
    cells = []
    for metric, form in zip(metrics, forms, strict=True):
        record = measures.get(metric)
        if record is None:
            cells.append(page.MISSING)
            continue
        text = page.number(record.get("value"), form)
        error = record.get("standard_error")
        cells.append(f"{text} ± {error:{form}}" if error else text)
    return cells


def _described(record: _Record) -> str:
    return "\n".join(
        (
            labels.model(record),
            f"{page.number(record.get('step'), ',')} steps, training seed "
            f"{page.number(record.get('training_seed'), '')}",
            _pixels(record),
        )
    )


def _pixels(record: _Record) -> str:
    size = page.number(record.get("image_size"), "")
    return f"{size} x {size}, {labels.pixels(record)}"


def _text(numbers: Generation | Recognition) -> str:
    """Published numbers; those below 1 have three digits."""
    return ", ".join(f"{x:,}" if x > 1 else f"{x:.3f}" for x in numbers)
