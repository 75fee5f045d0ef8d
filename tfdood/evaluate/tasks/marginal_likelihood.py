"""The marginal likelihood of drawings, by importance weighting (Fig. 4)."""

import numpy as np

from tfdood.evaluate.measures import naive
from tfdood.evaluate.records import values
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.objectives import importance
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 1_000, "num_particles": 200}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL = 50


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """The IWAE bound of drawings, in nats an image.

    The values of single drawings are kept, see `records.values`.

    Args:
        job: 1,000 drawings and 200 particles by default; particles are a
            multiple of those of the exported `log_likelihood`.

    Returns:
        `iwae`, `effective_sample_size` (of the particles),
        `log_likelihood_of_blank_canvas` and `log_likelihood_of_median_image`
        (what predictions score that do not look at the image, see `naive`;
        they have no latents, so that it is their marginal likelihood), and
        the source.

    Raises:
        ValueError: If the number of particles does not fit the model.
    """
    drawings = job.drawings()
    num_calls = _num_calls(job)
    images = drawings.images

    def part(number: int) -> dict[str, np.ndarray]:
        rows = slice(number * _ROWS_A_CALL, (number + 1) * _ROWS_A_CALL)
        log_weights = _log_weights(job, images, rows, num_calls)
        return {
            "iwae": importance.iwae(log_weights),
            "effective_sample_size": importance.effective_sample_size(
                log_weights
            ),
        }

    parts = job.in_parts(-(-len(images) // _ROWS_A_CALL), part)
    found = {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
    values.write(job, found)
    measures = {name: mean(x) for name, x in found.items()}
    yardsticks = naive.yardsticks(job, images, "log_likelihood")
    return measures | yardsticks, drawings.source


def _num_calls(job: Job) -> int:
    """Calls of `log_likelihood` that give all particles."""
    num_particles = job.model.facts["num_particles"]
    num_calls, remainder = divmod(job.num_particles, num_particles)
    if remainder or not num_calls:
        raise ValueError(
            f"The model {job.model.name} samples {num_particles} particles a "
            f"call; got num_particles={job.num_particles}, expected a multiple "
            "of it."
        )
    return num_calls


def _log_weights(
    job: Job, images: np.ndarray, rows: slice, num_calls: int
) -> np.ndarray:
    """The log weights `[k, B]` of all particles of some rows of images."""
    log_weights = [
        job.model.run(
            "log_likelihood",
            images=images[rows],
            seeds=seeds.of_rows(len(images), job.seed, call)[rows],
        )["log_weights"]
        for call in range(num_calls)
    ]
    return np.concatenate(log_weights, 1).T
