"""Samples: how long a classifier needs to tell them from real images.

More steps are better. The paper of GNM (Jiang and Ahn, 2020) calls this D-Steps
but does not describe its classifier. `measures.discrimination` describes ours:
its numbers compare with each other only.
"""

import numpy as np

from tfdood import figures
from tfdood.evaluate.measures import discrimination, features, redrawing
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 5_000}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL = 64
_REPEATS = 3  # of the classifier, with other seeds
_COLUMNS, _ROWS = 8, 4  # of the sheet of samples
_REFERENCES = 1  # stream of random numbers; samples use stream 0


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Counts the steps for samples, and for images that are no samples.

    Args:
        job: 5,000 samples by default, and as many training images; fewer if
            there are not twice as many training images.

    Returns:
        `discrimination_steps`, the mean over three classifiers, with its
        standard error over them. The same, of one classifier, with `_of_` and
        a name, for `other_training_images` (the best to expect),
        `shuffled_pixels` and `blank_canvases`. And the source. The number of
        images is that of the samples.

    Raises:
        ValueError: If there are too few training images.
    """
    train = job.drawings(2 * job.num_images, split="train")
    images = features.to_bytes(train.images)
    count = len(images) // 2
    if count < discrimination.FEWEST:
        raise ValueError(
            f"The classifiers need at least {2 * discrimination.FEWEST} "
            f"training images, got {len(images)}; give more drawings."
        )
    real, other = images[: 2 * count : 2], images[1 : 2 * count : 2]
    samples = _draw(job, count)
    _picture(job, samples, real)
    classifiers = _seeds(job.seed)
    counted = [
        discrimination.steps(real, samples, seed) for seed in classifiers
    ]
    measures = {
        "discrimination_steps": mean(counted)._replace(num_images=count)
    }
    rng = np.random.default_rng([job.seed, _REFERENCES])
    references = {
        "other_training_images": other,
        "shuffled_pixels": rng.permuted(
            other.reshape(count, -1), axis=1
        ).reshape(other.shape),
        "blank_canvases": np.zeros_like(other),
    }
    for name, fakes in references.items():
        steps = discrimination.steps(real, fakes, classifiers[0])
        measures[f"discrimination_steps_of_{name}"] = Measure(
            float(steps), 0.0, count
        )
    return measures, train.source


def _seeds(seed: int) -> list[int]:
    """Of the classifiers; jobs with neighbouring seeds share none."""
    return [(_REPEATS * seed + n) % 2**32 for n in range(_REPEATS)]


def _picture(job: Job, samples: np.ndarray, real: np.ndarray) -> None:
    """Draws samples, and a row of real images below them."""
    rows = np.array_split(samples[: _COLUMNS * _ROWS], _ROWS)
    figures.sheet(
        [images / np.float32(255.0) for images in (*rows, real[:_COLUMNS])],
        ["drawn by the model", *[""] * (_ROWS - 1), "training images"],
        job.figure("samples"),
    )


def _draw(job: Job, count: int) -> np.ndarray:
    """Samples `[count, S, S, C]`, uint8, from the prior."""
    row_seeds = seeds.of_rows(count, job.seed)

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        sample = job.model.run("generate", seeds=row_seeds[rows])
        return {"samples": redrawing.pixels(sample)}

    return job.in_chunks(count, _ROWS_A_CALL, chunk)["samples"]
