"""The marginal likelihood of drawings, by importance weighting (Fig. 4)."""

import numpy as np

from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.objectives import importance
from tfdood.saved import exported

DEFAULTS = {"num_images": 1_000, "num_particles": 200}
"""What the task is done with, unless flags say otherwise."""

_ROWS_A_CALL = 50


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """The IWAE bound of test drawings, in nats an image.

    Args:
        job: 1,000 drawings and 200 particles by default; particles are a
            multiple of those of the exported `log_likelihood`.

    Returns:
        `iwae`, `effective_sample_size` (of the particles), and the source.
    """
    drawings = job.drawings("test")
    calls, remainder = divmod(
        job.num_particles, job.model.facts["num_particles"]
    )
    if remainder or not calls:
        raise ValueError(
            f"The model {job.model.name} samples "
            f"{job.model.facts['num_particles']} particles a call; got "
            f"num_particles={job.num_particles}, expected a multiple of it."
        )
    images = drawings.images
    seeds = np.stack(
        [exported.seeds(len(images), job.seed, call) for call in range(calls)]
    )

    def part(number):
        rows = slice(number * _ROWS_A_CALL, (number + 1) * _ROWS_A_CALL)
        log_weights = [
            job.model.run(
                "log_likelihood", images=images[rows], seeds=seeds[call, rows]
            )["log_weights"]
            for call in range(calls)
        ]
        log_weights = np.concatenate(log_weights, 1).T  # [k, B]
        return {
            "iwae": importance.iwae(log_weights),
            "effective_sample_size": importance.effective_sample_size(
                log_weights
            ),
        }

    parts = job.in_parts(-(-len(images) // _ROWS_A_CALL), part)
    return {
        name: mean(np.concatenate([part[name] for part in parts]))
        for name in parts[0]
    }, drawings.source
