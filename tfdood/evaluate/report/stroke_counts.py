"""How many strokes models take for the drawings of each dataset (Fig. 3b-d)."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.figure
import numpy as np
from matplotlib import axes as axes_lib

from tfdood.evaluate.report import labels, published
from tfdood.figures import palette
from tfdood.files import atomic

METRIC = "share_with_{}_strokes"
_NUMBER = re.compile(METRIC.format(r"(\d+)"))
_PANEL_SIZE = (2.6, 2.4)  # inches


def metric(count: int) -> str:
    """The name of a metric: the share of drawings with `count` strokes."""
    return METRIC.format(count)


def shares(
    records: Iterable[Mapping[str, Any]],
) -> dict[str, dict[str, np.ndarray]]:
    """Shares of drawings by dataset, model with its parser, and strokes.

    Args:
        records: of any metrics; only these shares are used, and only those of
            the last job of each model on each dataset.

    Returns:
        For each dataset and each model on it, `[T + 1]`.
    """
    found: dict[str, dict[str, dict[int, float]]] = {}
    jobs: dict[tuple[str, str], Any] = {}
    for record in records:
        match = _NUMBER.fullmatch(record["metric"])
        if match:
            model = labels.parser(record)
            counts = found.setdefault(record["dataset"], {})
            if jobs.get((record["dataset"], model)) != record["job"]:
                jobs[record["dataset"], model] = record["job"]
                counts[model] = {}
            counts[model][int(match[1])] = record["value"]
    return {
        dataset: {
            model: np.array(
                [counts.get(n, 0.0) for n in range(max(counts) + 1)]
            )
            for model, counts in models.items()
        }
        for dataset, models in sorted(found.items(), key=published.order)
    }


def draw(records: Iterable[Mapping[str, Any]], path: str | os.PathLike) -> bool:
    """Draws a histogram for each dataset, if the records hold any shares.

    Args:
        records: of any metrics.
        path: of the PNG to write.

    Returns:
        Whether there was something to draw.
    """
    by_dataset = shares(records)
    if not by_dataset:
        return False
    width, height = _PANEL_SIZE
    figure = matplotlib.figure.Figure(
        figsize=(width * len(by_dataset), height), layout="constrained"
    )
    panels = figure.subplots(1, len(by_dataset), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(n for m in by_dataset.values() for n in m))
    for panel, (dataset, models) in zip(
        panels, by_dataset.items(), strict=True
    ):
        _draw_panel(panel, models, names)
        panel.set_title(dataset, fontsize=10)
    panels[0].set_ylabel("share of drawings", fontsize=9)
    handles = [
        matplotlib.patches.Patch(color=palette.stroke(i))
        for i in range(len(names))
    ]
    figure.legend(
        handles, names, loc="outside lower center", ncols=4, fontsize=8
    )
    with atomic.replacing(path) as file:
        figure.savefig(file, format="png", dpi=120)
    return True


def _draw_panel(
    panel: axes_lib.Axes, models: Mapping[str, np.ndarray], names: list[str]
) -> None:
    """Draws the histograms of a dataset, with a colour for each name."""
    width = 0.8 / len(names)
    for model, values in models.items():
        i = names.index(model)
        panel.bar(
            np.arange(len(values)) + (i - (len(names) - 1) / 2) * width,
            values,
            width,
            color=palette.stroke(i),
        )
    panel.set_xlabel("strokes", fontsize=9)
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=8)
