"""The same drawings, reconstructed by several models (Fig. 3 and 4)."""

import dataclasses
import os
from collections.abc import Sequence

import numpy as np

from tfdood import figures
from tfdood.evaluate import overlays
from tfdood.evaluate.job import Job

FILE = "reconstruction_side_by_side.png"
_NUM_DRAWINGS = 3  # of each dataset


def draw(jobs: Sequence[Job], path: str | os.PathLike) -> None:
    """Draws a sheet: a column a drawing, a row a model, with stroke counts.

    Args:
        jobs: of every model on every dataset.
        path: of the PNG to write.
    """
    models = list(dict.fromkeys(job.model for job in jobs))
    datasets = list(dict.fromkeys(job.dataset for job in jobs))
    given: list[np.ndarray] = []
    redrawn: dict = {model: [] for model in models}
    for dataset in datasets:
        own = {job.model: job for job in jobs if job.dataset == dataset}
        few = dataclasses.replace(own[models[0]], num_images=_NUM_DRAWINGS)
        images = few.drawings("test", _NUM_DRAWINGS).images
        given += list(images)
        for model in models:
            result = model.run("reconstruct", images=images)
            redrawn[model] += [
                overlays.overlay(canvas, text=f"{int(count)}")
                for canvas, count in zip(
                    np.asarray(result["canvas"]),
                    np.asarray(result["num_strokes"]),
                    strict=True,
                )
            ]
    figures.sheet(
        [[overlays.overlay(image) for image in given], *redrawn.values()],
        [
            f"drawings: {', '.join(datasets)}; below them numbers of strokes",
            *map(_title, models),
        ],
        path,
    )


def _title(model) -> str:
    config = model.config
    return (
        f"{model.name}: {config.preset}, trained on {config.training.dataset}, "
        f"{model.facts['step']:,} steps"
    )
