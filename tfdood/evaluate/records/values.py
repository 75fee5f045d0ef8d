"""Values of single drawings, kept beside the records of their means.

Two models that were evaluated on the same drawings differ by much less than
their standard errors say, because the same drawings are hard for both. The
values of each drawing tell. They lie in `values/TASK_DIGEST.npz`.
"""

import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tfdood.evaluate.records import job as job_lib
from tfdood.files import atomic, npz


def write(job: job_lib.Job, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes the values of a job; existing ones are replaced at once.

    Args:
        job: the job.
        arrays: `[N]` by the name of the metric, in the order of the drawings;
            they are kept in float32.

    Raises:
        OSError: If the file cannot be written.
    """
    path = _path(job.folder, job.key())
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.replacing(path) as file:
        np.savez(
            file, **{k: np.asarray(v, np.float32) for k, v in arrays.items()}
        )


def read(folder: pathlib.Path, key: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Reads the values of a job.

    Args:
        folder: the folder of results.
        key: what `Job.key` returned, the `job` of a record.

    Returns:
        `[N]` by the name of the metric; empty if there is no intact file.
    """
    try:
        return npz.read(_path(folder, key))
    except (OSError, ValueError):
        return {}


def _path(folder: pathlib.Path, key: Mapping[str, Any]) -> pathlib.Path:
    name = f"{key.get('task')}_{job_lib.digest(key)}.npz"
    return pathlib.Path(folder) / "values" / name
