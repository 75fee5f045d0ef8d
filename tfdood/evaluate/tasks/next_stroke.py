"""How well a prior of strokes expects what people draw next (GNS, Sec. 3).

Not in the paper, which shows the density of the next start as a figure only.
"""

import numpy as np

from tfdood import data
from tfdood.data import datasets
from tfdood.evaluate.measures import naive_strokes, ratios
from tfdood.evaluate.records.job import Job, Measure
from tfdood.models.gns import next_strokes
from tfdood.types import SplineStrokes

DEFAULTS = {"num_images": 2_000}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL = 64


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Scores people's strokes of alphabets that the prior has not seen.

    The figure `next_strokes` shows where the next stroke would start, over
    drawings that grow.

    Args:
        job: 2,000 drawings by default, at even distances.

    Returns:
        In nats, less is better, with respect to pixels: `start`, of where a
        stroke starts; `offset`, of an offset to the next control point together
        with the decision to end the stroke; `stop`, of a decision whether the
        drawing is finished; `drawing`, of all. The first three also with
        `_of_` and the name of a density that learns next to nothing, see
        `naive_strokes.nats`. And the source.

    Raises:
        ValueError: If the dataset has no strokes, or the model no prior of
            them, or of shorter ones only.
    """
    _check(job)
    training = _strokes(job, "train").strokes
    drawings = data.spread(_strokes(job, job.split), job.num_images)
    nats = {
        **_of_model(job, drawings.strokes),
        **naive_strokes.nats(training, drawings.strokes),
    }
    numbers = drawings.strokes.num_control_points
    strokes = (numbers > 0).sum(1)
    decisions = {
        "start": strokes,
        "offset": numbers.sum(1) - strokes,
        "stop": strokes + 1,
        "drawing": np.ones_like(strokes),
    }
    measures = {
        name: ratios.of_means(value, decisions[name.partition("_")[0]])
        for name, value in nats.items()
    }
    next_strokes.figure(
        lambda known: next_strokes.NextStroke(
            **job.model.run("next_stroke", **_padded(job, known)._asdict())
        ),
        drawings.strokes,
        job.figure("next_strokes"),
    )
    return measures, drawings.source


def _check(job: Job) -> None:
    if job.dataset not in datasets.STROKES:
        raise ValueError(
            "next_stroke scores the strokes of people, got "
            f"--dataset={job.dataset}; give --dataset={datasets.STROKES[0]}."
        )
    if "next_stroke" not in job.model.signature_names:
        raise ValueError(
            f"The model {job.model.path} has no prior of people's strokes; "
            "give one that has, such as pretrained:gns."
        )


def _strokes(job: Job, split: str) -> datasets.DrawingSet:
    return data.read(
        job.dataset,
        split,
        image_size=job.model.image_size,
        data_dir=job.data_dir,
    )


def _of_model(job: Job, strokes: SplineStrokes) -> dict[str, np.ndarray]:
    """Nats `[N]` of the decisions of each drawing."""
    found = job.model.run_all(
        "log_prior",
        rows_a_call=_ROWS_A_CALL,
        **_padded(job, strokes)._asdict(),
    )
    return {
        "start": -found["starts"].sum(1),
        "offset": -(found["offsets"] + found["ends"]).sum(1),
        "stop": -found["stops"].sum(1),
        "drawing": -found["log_prior"],
    }


def _padded(job: Job, strokes: SplineStrokes) -> SplineStrokes:
    """Strokes with as many control points as the model takes."""
    points, numbers = map(np.asarray, strokes)
    most = job.model.config.model.num_control_points
    missing = most - points.shape[2]
    if missing < 0:
        raise ValueError(
            f"The model takes strokes of {most} control points at most, but "
            f"those of {job.dataset} have up to {points.shape[2]}; train a "
            f"model with --set=model.num_control_points={points.shape[2]}."
        )
    return SplineStrokes(
        np.pad(points, [(0, 0), (0, 0), (0, missing), (0, 0)]), numbers
    )
