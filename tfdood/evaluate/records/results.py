"""Results: one JSON record a line, appended as soon as it is known."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tfdood.data import datasets
from tfdood.evaluate.records import job as job_lib
from tfdood.files import atomic, locking
from tfdood.settings import schema, text

FILE = "results.jsonl"

_OF_MODEL = (
    *("encoder", "likelihood", "image_size", "pixel_scale"),
    *("pixel_scale_floor", "num_strokes", "pixel_std"),
)


def append(
    job: job_lib.Job,
    measures: Mapping[str, job_lib.Measure],
    source: str,
    seconds: float,
) -> list[dict[str, Any]]:
    """Writes the measures of a finished job.

    Args:
        job: the finished one.
        measures: by the name of the metric.
        source: of the drawings, in words.
        seconds: that the job took.

    Returns:
        The records that were written.

    Raises:
        ValueError: If a measure is not a finite number.
        OSError: If the disk is full; no record is written then.
    """
    for metric, measure in measures.items():
        if not np.isfinite([measure.value, measure.standard_error]).all():
            raise ValueError(
                f"{metric} of {job.task} is {measure.value} ± "
                f"{measure.standard_error}, and should be finite; no measure "
                f"was recorded. Check the weights of {job.model.name} and the "
                f"drawings of {datasets.label(job.dataset)}."
            )
    key = job.key()
    records = [
        {
            **key,
            "metric": metric,
            **measure._asdict(),
            "source": source,
            "model": job.model.name,
            "step": job.model.facts["step"],
            **_of_training(job.model.config),
            "seconds": round(seconds, 1),
            "job": key,
        }
        for metric, measure in measures.items()
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    path = job.folder / FILE
    with locking.locked(job.folder):
        before = path.read_bytes() if path.exists() else b""
        if before and not before.endswith(b"\n"):  # An editor may remove it.
            before += b"\n"
        # A full disk or a killed process leaves all records of a job or none.
        with atomic.replacing(path) as file:
            file.write(before + lines.encode())
    return records


def _of_training(config: schema.Config) -> dict[str, Any]:
    """What the model is, and how it was trained.

    Settings that its family of models does not have are None. Models that
    differ in the training seed alone have the same `recipe`.
    """
    model = {name: getattr(config.model, name, None) for name in _OF_MODEL}
    training = dataclasses.replace(config.training, seed=0)
    recipe = dataclasses.replace(config, training=training)
    return {
        "trained_on": datasets.label(config.training.dataset),
        "start_from": config.training.start_from,
        "training_source": config.training.learnt_from,
        "batch_size": config.training.batch_size,
        **model,
        "collages": getattr(config.objective, "collages", None),
        "beta": getattr(config.objective, "beta", None),
        "preset": config.preset,
        "training_seed": config.training.seed,
        "recipe": job_lib.digest(text.to_json(recipe)),
    }


def read(folder: pathlib.Path) -> list[dict[str, Any]]:
    """The records of a folder, the newest of each metric of each job.

    Raises:
        FileNotFoundError: If there are none.
        ValueError: If a line is not a record.
    """
    path = folder / FILE
    if not path.exists():
        raise FileNotFoundError(
            f"There are no results in {folder}; run a task with --results="
            f"{folder} first."
        )
    newest = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            record = json.loads(line)
            key = json.dumps(record["job"], sort_keys=True), record["metric"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f"Line {number} of {path} is not a record ({error}); remove it."
            ) from error
        newest[key] = record
    return list(newest.values())


def done(job: job_lib.Job) -> list[dict[str, Any]]:
    """The records of a job, empty if it was not done before."""
    if not (job.folder / FILE).exists():
        return []
    key = job.key()
    return [record for record in read(job.folder) if record["job"] == key]
