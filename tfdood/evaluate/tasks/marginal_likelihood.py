"""The marginal likelihood of drawings, by importance weighting (Fig. 4)."""

from collections.abc import Callable

import numpy as np

from tfdood.evaluate import parsers
from tfdood.evaluate.measures import naive
from tfdood.evaluate.records import values
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.objectives import importance
from tfdood.parsing import proposals, seeds

DEFAULTS = {"num_images": 1_000, "num_particles": 200}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL = 50
_RELAXED = "relaxed_log_likelihood"  # a signature of models of objects
_FIT_STREAM = 1_000_000  # Of random numbers; calls and particles have others.


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """The IWAE bound of drawings, in nats an image.

    The values of single drawings are kept, see `records.values`.

    Args:
        job: 1,000 drawings and 200 particles by default; particles are a
            multiple of those of the exported `log_likelihood`. With the
            explainer `refined`, half of them are samples of a Gaussian that is
            fitted to each drawing, from its refined reconstruction.

    Returns:
        `iwae`, `effective_sample_size` (of the particles),
        `log_likelihood_of_blank_canvas` and `log_likelihood_of_median_image`
        (what predictions score that do not look at the image, see `naive`;
        they have no latents, so that it is their marginal likelihood). Of a
        model of objects, also `relaxed_iwae`: the presence is relaxed and
        weighed with the mass of a Bernoulli variable. The paper of GNM reports
        this number, but it is no bound. And the source.

    Raises:
        ValueError: If the number of particles does not fit the model, or its
            strokes are codes and it has an explainer.
    """
    drawings = job.drawings()
    images = drawings.images
    sampled = _refined(job) if job.explainer else _amortised(job)
    is_relaxed = _RELAXED in job.model.facts.get("signatures", ())
    relaxed = _amortised(job, _RELAXED) if is_relaxed else None

    def part(number: int) -> dict[str, np.ndarray]:
        rows = slice(number * _ROWS_A_CALL, (number + 1) * _ROWS_A_CALL)
        log_weights = sampled(images, rows)
        bounds = {
            "iwae": importance.iwae(log_weights),
            "effective_sample_size": importance.effective_sample_size(
                log_weights
            ),
        }
        if relaxed is not None:
            bounds["relaxed_iwae"] = importance.iwae(relaxed(images, rows))
        return bounds

    parts = job.in_parts(-(-len(images) // _ROWS_A_CALL), part)
    found = {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
    values.write(job, found)
    measures = {name: mean(x) for name, x in found.items()}
    yardsticks = naive.yardsticks(job, images, "log_likelihood")
    return measures | yardsticks, drawings.source


def _amortised(
    job: Job, signature: str = "log_likelihood"
) -> Callable[[np.ndarray, slice], np.ndarray]:
    """Maps images and rows of them to log weights `[k, B]` of samples of q."""
    num_calls = _num_calls(job)

    def sampled(images: np.ndarray, rows: slice) -> np.ndarray:
        log_weights = [
            job.model.run(
                signature,
                images=images[rows],
                seeds=seeds.of_rows(len(images), job.seed, call)[rows],
            )["log_weights"]
            for call in range(num_calls)
        ]
        return np.concatenate(log_weights, 1).T

    return sampled


def _refined(job: Job) -> Callable[[np.ndarray, slice], np.ndarray]:
    """The same, half of samples of Gaussians that are fitted to the images."""
    # The proposal's pen is the network's, so that p(x, z) is the same function.
    parser = parsers.build_center(job.model, job.explainer, moves_pen=False)
    proposal = proposals.FittedProposal(job.model)

    def sampled(images: np.ndarray, rows: slice) -> np.ndarray:
        chosen = images[rows]
        start = parser.parse(chosen, (job.seed, 0)).rows((slice(None), 0))
        numbers = np.arange(len(images))[rows]
        gaussians = proposal.fit(
            chosen,
            start.strokes,
            seeds.of_rows(len(images), job.seed, _FIT_STREAM)[rows],
        )
        return proposal.log_weights(
            chosen, gaussians, job.num_particles, job.seed, numbers
        )

    return sampled


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
