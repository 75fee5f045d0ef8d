"""The same drawings, reconstructed by several models (Fig. 3 and 4)."""

import pathlib
from collections.abc import Sequence

import numpy as np

from tfdood import figures
from tfdood.data import datasets
from tfdood.evaluate.records import job as job_lib
from tfdood.evaluate.records.job import Job
from tfdood.saved.exported import ExportedModel

NAME = "reconstruction_side_by_side"
"""How the names of such figures start."""

_NUM_DRAWINGS = 3  # of each dataset


def draw(jobs: Sequence[Job], folder: pathlib.Path) -> pathlib.Path:
    """Draws a sheet: a column a drawing, a row a model, with stroke counts.

    Args:
        jobs: of every model on every dataset.
        folder: of figures.

    Returns:
        The path of the PNG; other jobs have another one.
    """
    keys = [job.key() for job in jobs]
    path = folder / f"{NAME}_{job_lib.digest(keys)}.png"
    folder.mkdir(parents=True, exist_ok=True)
    models = list(dict.fromkeys(job.model for job in jobs))
    names = list(dict.fromkeys(job.dataset for job in jobs))
    given: list[np.ndarray] = []
    redrawn: dict[ExportedModel, list[np.ndarray]] = {
        model: [] for model in models
    }
    for dataset in names:
        own = {job.model: job for job in jobs if job.dataset == dataset}
        given += list(own[models[0]].drawings(_NUM_DRAWINGS).images)
        for model in models:
            images = own[model].drawings(_NUM_DRAWINGS).images
            result = model.run("reconstruct", images=images)
            redrawn[model] += [
                figures.overlay(canvas, text=str(count))
                for canvas, count in zip(
                    np.asarray(result["canvas"]),
                    np.asarray(result.get("num_strokes", [""] * len(images))),
                    strict=True,
                )
            ]
    figures.sheet(
        [[figures.overlay(image) for image in given], *redrawn.values()],
        [
            f"drawings: {', '.join(names)}; below them numbers of strokes",
            *map(_title, models),
        ],
        path,
    )
    return path


def _title(model: ExportedModel) -> str:
    config = model.config
    return (
        f"{model.name}: {config.preset}, trained on "
        f"{datasets.label(config.training.dataset)}, "
        f"{model.facts['step']:,} steps"
    )
