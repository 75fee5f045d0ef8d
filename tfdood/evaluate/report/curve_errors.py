"""Errors against numbers of curves, a line for each parser.

Colours tell models apart, and dashes tell parsers apart.
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.figure
import numpy as np

from tfdood.evaluate.report import labels, published
from tfdood.figures import palette
from tfdood.files import atomic

METRIC = "mean_absolute_error_of_{}_curves"
_NUMBER = re.compile(METRIC.format(r"(\d+)"))
_BLANK = "mean_absolute_error_of_blank_canvas"
_PANEL_SIZE = (3.0, 2.6)  # inches
_DASHES = ("-", "--", ":", "-.")


def metric(count: int) -> str:
    """The name of a metric: the error with the `count` longest curves."""
    return METRIC.format(count)


def lines(
    records: Iterable[Mapping[str, Any]],
) -> dict[str, dict[str, np.ndarray]]:
    """Errors by dataset, model with its parser, and number of curves.

    Args:
        records: of any metrics; only these errors and those of a blank canvas
            are used, and only those of the last job of each model and parser
            on each dataset.

    Returns:
        For each dataset and each model, `[T + 1]`: the error with 0 to `T`
        curves.
    """
    found: dict[tuple[str, str], dict[int, float]] = {}
    jobs: dict[tuple[str, str], Any] = {}
    for record in records:
        match = _NUMBER.fullmatch(record["metric"])
        if not match and record["metric"] != _BLANK:
            continue
        key = record["dataset"], labels.parser(record)
        if jobs.get(key) != record["job"]:
            jobs[key] = record["job"]
            found[key] = {}
        found[key][int(match[1]) if match else 0] = record["value"]
    by_dataset: dict[str, dict[str, np.ndarray]] = {}
    for (dataset, model), errors in found.items():
        if len(errors) > 1:
            values = [errors.get(n, np.nan) for n in range(max(errors) + 1)]
            by_dataset.setdefault(dataset, {})[model] = np.array(values)
    return dict(sorted(by_dataset.items(), key=published.order))


def draw(records: Iterable[Mapping[str, Any]], path: str | os.PathLike) -> bool:
    """Draws a panel for each dataset, if the records hold any such errors.

    Args:
        records: of any metrics.
        path: of the PNG to write.

    Returns:
        Whether there was something to draw.
    """
    by_dataset = lines(records)
    if not by_dataset:
        return False
    width, height = _PANEL_SIZE
    figure = matplotlib.figure.Figure(
        figsize=(width * len(by_dataset), height), layout="constrained"
    )
    panels = figure.subplots(1, len(by_dataset), squeeze=False)[0]
    style = _styles(name for models in by_dataset.values() for name in models)
    for panel, (dataset, models) in zip(
        panels, by_dataset.items(), strict=True
    ):
        for model, errors in models.items():
            panel.plot(
                np.arange(len(errors)),
                errors,
                marker="o",
                markersize=3,
                label=model,
                **style[model],
            )
        panel.set_title(dataset, fontsize=10)
        panel.set_xlabel("curves", fontsize=9)
        panel.set_ylim(bottom=0.0)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8)
    panels[0].set_ylabel("error of a pixel", fontsize=9)
    figure.legend(
        *_handles(panels), loc="outside lower center", ncols=3, fontsize=8
    )
    with atomic.replacing(path) as file:
        figure.savefig(file, format="png", dpi=120)
    return True


def _styles(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The colour and the dashes of each `labels.parser`."""
    parts = {name: name.partition(", ") for name in names}
    models, _, parsers = (
        list(dict.fromkeys(column))
        for column in zip(*parts.values(), strict=True)
    )
    return {
        name: {
            "color": palette.stroke(models.index(model)),
            "linestyle": _DASHES[parsers.index(parser) % len(_DASHES)],
        }
        for name, (model, _, parser) in parts.items()
    }


def _handles(panels: Iterable[Any]) -> tuple[list[Any], list[str]]:
    """One handle for each name."""
    found = {}
    for panel in panels:
        for handle, name in zip(
            *panel.get_legend_handles_labels(), strict=True
        ):
            found.setdefault(name, handle)
    return list(found.values()), list(found)
