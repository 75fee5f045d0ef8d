"""The marginal likelihood of drawings.

By importance weighting (DooD, Fig. 4); for models whose strokes are searched
(GNS), by Laplace's method around parses (GNS, Table 3), which is no bound.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from tfdood.evaluate import parsers
from tfdood.evaluate.measures import naive, parse_integrals
from tfdood.evaluate.records import values
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.objectives import importance
from tfdood.parsing import proposals, seeds

DEFAULTS = {"num_images": 1_000, "num_particles": 200}
"""The settings of the task, and their values without flags."""

DEFAULTS_OF_SEARCH = {"num_images": 100, "num_particles": 5}
"""The same with the explainer `searched`: drawings, and parses of each."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL, _SEARCHED_A_CALL = 50, 4
_RELAXED = "relaxed_log_likelihood"  # a signature of models of objects
_FIT_STREAM = 1_000_000  # Of random numbers; calls and particles have others.


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """The IWAE bound of drawings, in nats an image.

    The values of single drawings are kept, see `records.values`.

    Args:
        job: 1,000 drawings and 200 particles by default; particles are a
            multiple of those of the exported `log_likelihood`. With the
            explainer `refined`, half of them are samples of a Gaussian that is
            fitted to each drawing, from its refined reconstruction. With the
            explainer `searched`, 100 drawings and 5 parses of each.

    Returns:
        `iwae`, `effective_sample_size` (of the particles),
        `log_likelihood_of_blank_canvas` and `log_likelihood_of_median_image`
        (what predictions score that do not look at the image, see `naive`;
        they have no latents, so that it is their marginal likelihood). Of a
        model of objects, also `relaxed_iwae`: the presence is relaxed and
        weighed with the mass of a Bernoulli variable. The paper of GNM reports
        this number, but it is no bound. And the source. With `searched`:
        `laplace_approximation`, an approximation
        to log p(image) and no bound (see `parse_integrals`, which says what is
        integrated), and the same `_a_pixel`; `log_joint_of_best_parse`, before
        integration; `num_variables` that are integrated, and
        `num_flattened_directions` of them, of the parse with the largest
        integral;
        `log_likelihood_of_even_ink` and `log_likelihood_of_mean_image` (see
        `naive.of_ink`).

    Raises:
        ValueError: If the number of particles does not fit the model, or its
            strokes are codes and it has an explainer, or if the explainer is
            another parser than `searched`.
    """
    if parsers.is_search(job.explainer):
        return _of_parses(job)
    if job.explainer is not None and job.explainer.flag == "parser":
        raise ValueError(
            "The marginal likelihood is that of parses of --parser=searched or "
            f"of samples of --proposal, got --parser={job.explainer.name}; "
            "leave it out."
        )
    drawings = job.drawings()
    images = drawings.images
    sampled = _refined(job) if job.explainer else _amortised(job)
    is_relaxed = _RELAXED in job.model.facts.get("signatures", ())
    relaxed = _amortised(job, _RELAXED) if is_relaxed else None

    def chunk(rows: slice) -> dict[str, np.ndarray]:
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

    found = job.in_chunks(len(images), _ROWS_A_CALL, chunk)
    measures = _means(job, found)
    yardsticks = naive.yardsticks(job, images, "log_likelihood")
    return measures | yardsticks, drawings.source


def _of_parses(job: Job) -> tuple[dict[str, Measure], str]:
    """What Laplace's method makes of searched parses, in nats an image."""
    drawings = job.drawings()
    parser = parsers.build(job.model, job.num_particles, 1, job.explainer)
    modes = dataclasses.replace(parser, moves_types=True)

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        stream = rows.start // _SEARCHED_A_CALL
        images = drawings.images[rows]
        parses = modes.parse(images, seeds.Seed(job.seed, stream))
        found = parse_integrals.of(job.model, images, parses)
        best = np.arange(len(images)), found.log_integral.argmax(1)
        return {
            "laplace_approximation": found.log_marginal,
            "laplace_approximation_a_pixel": found.log_marginal
            / images[0].size,
            "log_joint_of_best_parse": parses.log_joint.max(1),
            "num_variables": found.num_variables[best],
            "num_flattened_directions": found.num_flattened[best],
        }

    found = job.in_chunks(len(drawings.images), _SEARCHED_A_CALL, chunk)
    measures = _means(job, found)
    return measures | naive.of_ink(job, drawings.images), drawings.source


def _means(job: Job, found: dict[str, np.ndarray]) -> dict[str, Measure]:
    """The means of values of drawings, which are kept."""
    values.write(job, found)
    return {name: mean(x) for name, x in found.items()}


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
    if job.num_particles < 2:
        raise ValueError(
            "--proposal=refined has particles of two proposals, so that "
            f"--num_particles must be at least 2, got {job.num_particles}."
        )
    # The proposal's pen is the network's, so that p(x, z) is the same function.
    parser = parsers.build_center(job.model, job.explainer, moves_pen=False)
    proposal = proposals.FittedProposal(job.model)

    def sampled(images: np.ndarray, rows: slice) -> np.ndarray:
        chosen = images[rows]
        start = parser.parse(chosen, seeds.Seed(job.seed))
        start = start.rows((slice(None), 0))
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
