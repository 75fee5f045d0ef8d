"""Marginal likelihoods from dataset to dataset, as the paper's Fig. 4."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tfdood.evaluate import page, published


class _Setting(NamedTuple):
    """What the cells of a row of the matrix have in common."""

    trained_on: str
    model: str
    version: str
    fingerprint: str
    step: Any
    encoder: str
    preset: str
    num_images: Any
    num_particles: Any
    seed: Any
    is_of_sample: bool


def table(records: Iterable[Mapping[str, Any]]) -> page.Table:
    """Marginal likelihoods, a row a model and a column a dataset (Fig. 4).

    Args:
        records: of the metric `iwae`.
    """
    rows: dict[_Setting, dict[str, Mapping[str, Any]]] = {}
    for record in records:
        rows.setdefault(_setting(record), {})[record["dataset"]] = record
    order = {name: i for i, name in enumerate(published.DATASETS)}
    settings = sorted(
        rows,
        key=lambda s: (order.get(s.trained_on, len(order)), s.model, s.version),
    )
    return page.Table(
        "From dataset to dataset",
        ["trained on", *published.DATASETS],
        [
            [
                _described(setting),
                *(
                    _cell(setting.trained_on, target, rows[setting].get(target))
                    for target in published.DATASETS
                ),
            ]
            for setting in settings
        ],
        "Ours with its standard error; the paper's DooD with its standard "
        "deviation over seeds; a blank canvas with the best scale of each "
        "pixel on the source, which a model must beat (50 x 50 pixels).",
    )


def _setting(record: Mapping[str, Any]) -> _Setting:
    values = {
        name: record.get(name, "")
        for name in _Setting._fields
        if name != "is_of_sample"
    }
    is_of_sample = record.get("read_from") == "sample"
    return _Setting(**values, is_of_sample=is_of_sample)


def _described(setting: _Setting) -> str:
    lines = (
        setting.trained_on,
        f"{setting.model} {setting.version}",
        f"{page.number(setting.step, ',')} steps, {setting.encoder} encoder",
        f"{page.number(setting.num_images, ',')} images"
        + (" of the embedded sample" if setting.is_of_sample else ""),
        f"{setting.num_particles or 'default'} particles, seed {setting.seed}",
    )
    return "\n".join(lines)


def _cell(source: str, target: str, record: Mapping[str, Any] | None) -> str:
    lines = [page.MISSING]
    if record is not None:
        error = page.number(record.get("standard_error") or None, ".0f")
        lines = [f"{page.number(record.get('value'), '.0f')} ± {error}"]
    spread = published.MARGINAL_LIKELIHOOD.get((source, target))
    if spread:
        lines.append(f"paper {spread}")
        lines.append(f"blank {published.BLANK_CANVAS[source, target]:.0f}")
    return "\n".join(lines)
