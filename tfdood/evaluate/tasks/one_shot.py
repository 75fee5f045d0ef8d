"""One-shot classification: Lake's 20 runs of 20 characters (Table 1).

The predicted character of a query is the one whose given drawing explains it
best, by parses that are fitted to the query (paper, App. D.2.3; see
`token_scores`, `type_scores` for strokes that a search found, and
`code_fitting` for strokes that are codes, which have no picture).
"""

from collections.abc import Callable

import numpy as np

from tfdood import data, figures
from tfdood.data import datasets, reading
from tfdood.drawing.curves import bezier
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import (
    affine_hausdorff,
    code_fitting,
    code_parses,
    distances,
    fusion,
    image_deformation,
    token_fitting,
    token_scores,
    type_fitting,
    type_scores,
)
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.models.common import token
from tfdood.models.dood import stroke
from tfdood.parsing import lines, seeds, splines
from tfdood.types import SplineStrokes

DEFAULTS = {"num_images": 20, "num_particles": 5}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_NUM_TRIES = 10
_PUBLISHED_SIZE = 105
_DISTANCES = {
    "pixel_distance": distances.pixel_distances,
    "hausdorff_distance": distances.hausdorff_distances,
    "affine_hausdorff": affine_hausdorff.distances,
    "idm": image_deformation.distances,
}  # What learns nothing: from two sets of images to `[Q, C]`.
_NUM_PICTURED = 5  # of right and of wrong ones each


def inputs(data_dir: str | None) -> dict[str, str]:
    """Describes what a job reads beside its dataset: Lake's runs.

    Args:
        data_dir: of prepared datasets, or None for the default ones.
    """
    return {"runs": reading.describe(datasets.ONE_SHOT, data_dir)}


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Classifies the queries of the runs; draws some of the fits.

    Args:
        job: on Omniglot; 20 runs (`num_images`) and 5 parses (`num_particles`)
            by default, or those of its explainer. Its split `test` are Lake's
            runs, `validation` are runs of background characters
            (`data.background_runs`), and of validation alphabets if the dataset
            is one of pen strokes.

    Returns:
        `accuracy`, `accuracy_two_way`, those of what learns nothing (distances
        between pixels and between ink, the same after an affine alignment, the
        image deformation model, chance), and the source. `accuracy_fused` is
        that of one-way scores and the image deformation model together; on
        `validation`, `best_distance_a_nat` is the constant of
        `measures.fusion` that is best there.

    Raises:
        ValueError: If the dataset is another one.
    """
    is_validation = job.split == "validation"
    known = ("omniglot", *(datasets.STROKES if is_validation else ()))
    if job.dataset not in known:
        raise ValueError(
            f"The one-shot runs of --split={job.split} are characters of "
            f"Omniglot, got dataset={job.dataset}; give --dataset=omniglot."
        )
    runs, large = (
        data.read_oneshot(
            job.split,
            name=job.dataset,
            image_size=size,
            data_dir=job.data_dir,
        )
        for size in (job.model.image_size, _PUBLISHED_SIZE)
    )
    count = min(job.num_images, len(runs.answers))
    is_search = parsers.is_search(job.explainer)
    are_codes = (
        job.explainer is None
        and parsers.has_network(job.model)
        and not parsers.has_curves(job.model.output_names("parse"))
    )
    if is_search:
        classified = _by_types(job, runs, count)
    else:
        classified = (_by_codes if are_codes else _by_parses)(job, runs)
    by_distances = _by_distances(large)

    def part(number: int) -> dict[str, np.ndarray]:
        return {
            "answers": runs.answers[number],
            **classified(number),
            **by_distances(number),
        }

    parts = job.in_parts(count, part, unit="run")
    if not are_codes:
        _picture(job, runs, parts)
    found = measures(parts)
    if is_validation:
        best, _ = fusion.search(parts)
        count = found["accuracy_fused"].num_images
        found["best_distance_a_nat"] = Measure(best, 0.0, count)
    return found, runs.source


def _by_parses(
    job: Job, runs: data.OneShotRuns
) -> Callable[[int], dict[str, np.ndarray]]:
    """From the number of a run to scores `[Q, C]`, and strokes to be shown."""
    parser = parsers.build(
        job.model, job.num_particles or 1, _NUM_TRIES, job.explainer
    )
    tokens = token.FITS[job.model.config.model.token]
    fitter = token_fitting.Fitter(job.model, tokens)

    def classified(number: int) -> dict[str, np.ndarray]:
        supports, queries = _images(runs, number)
        of_supports, of_queries = (
            parser.parse(
                images, seeds.Seed(job.seed, 2 * number + is_query)
            ).on_canvas()
            for is_query, images in enumerate((supports, queries))
        )
        one_way, two_way, fitted = token_scores.classify(
            fitter,
            of_supports,
            of_queries,
            supports,
            queries,
            token_scores.CURVES,
        )
        return _scores(runs.answers[number], one_way, two_way, fitted)

    return classified


def _by_types(
    job: Job, runs: data.OneShotRuns, count: int
) -> Callable[[int], dict[str, np.ndarray]]:
    """The same by a search, of which each set of parses is a part of its own.

    The search takes longer than all that follows.
    """
    parser = parsers.build(
        job.model, job.num_particles, _NUM_TRIES, job.explainer
    )
    fitter = type_fitting.Fitter(job.model)

    def parsed(part: int) -> dict[str, np.ndarray]:
        number, is_query = divmod(part, 2)
        images = _images(runs, number)[is_query]
        return parser.parse(images, seeds.Seed(job.seed, part)).arrays()

    parts = job.in_parts(2 * count, parsed, unit="parse")

    def classified(number: int) -> dict[str, np.ndarray]:
        of_supports, of_queries = (
            splines.SplineParses.of_arrays(part)
            for part in parts[2 * number : 2 * number + 2]
        )
        one_way, two_way, fitted = type_scores.classify(
            fitter, of_supports, of_queries, *_images(runs, number)
        )
        return _scores(runs.answers[number], one_way, two_way, fitted)

    return classified


def _scores(
    answers: np.ndarray,
    one_way: np.ndarray,
    two_way: np.ndarray,
    fitted: token_scores.Fitted,
) -> dict[str, np.ndarray]:
    """Scores `[Q, C]`, and strokes of the right and the chosen character."""
    shown = np.stack([answers, one_way.argmax(1)], 1)  # [Q, 2]
    parses, fits = fitted.best(
        np.indices(shown.shape)[0].ravel(), shown.ravel()
    )
    drawn = {
        **parses.strokes._asdict(),
        "parsed": parses.strokes.control_points,
        "fitted": fits.control_points,
    }
    kept = ("presence", "num_control_points", "parsed", "fitted")
    return {
        "one_way": one_way,
        "two_way": two_way,
        **{
            name: drawn[name].reshape(*shown.shape, *drawn[name].shape[1:])
            for name in kept
            if name in drawn
        },
    }


def _by_codes(
    job: Job, runs: data.OneShotRuns
) -> Callable[[int], dict[str, np.ndarray]]:
    """From the number of a run to scores `[Q, C]`, by codes."""
    is_dood_dr = job.model.config.model.name == "dood_dr"
    prior_std = stroke.FIXED_STD if is_dood_dr else 1.0
    fitter = code_fitting.Fitter(job.model, prior_std)

    def classified(number: int) -> dict[str, np.ndarray]:
        both = _images(runs, number)
        parses = (
            code_parses.sample(
                job.model,
                images,
                job.num_particles,
                _NUM_TRIES,
                (job.seed, 2 * number + is_query),
            )
            for is_query, images in enumerate(both)
        )
        one_way, two_way, _ = token_scores.classify(
            fitter, *parses, *both, token_scores.CODES
        )
        return {"one_way": one_way, "two_way": two_way}

    return classified


def _images(
    runs: data.OneShotRuns, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Supports and queries of a run, `[C, S, S, 1]` and `[Q, S, S, 1]`."""
    supports, queries = (
        images[number].astype(np.float32) / 255.0
        for images in (runs.support, runs.query)
    )
    return supports, queries


def _by_distances(
    runs: data.OneShotRuns,
) -> Callable[[int], dict[str, np.ndarray]]:
    """From the number of a run to the scores `[Q, C]` of distances."""

    def scores(number: int) -> dict[str, np.ndarray]:
        pair = runs.query[number], runs.support[number]
        return {name: -between(*pair) for name, between in _DISTANCES.items()}

    return scores


def measures(parts: list[dict[str, np.ndarray]]) -> dict[str, Measure]:
    """Accuracies, with standard errors over runs.

    The queries of a run share their characters, and so are not independent.

    Args:
        parts: of each run, `answers` `[Q]`, and scores `[Q, C]` of `one_way`,
            `two_way` and each distance.
    """
    num_queries, num_classes = parts[0]["one_way"].shape
    parts = [
        {**part, "fused": fusion.fused(part["one_way"], -part["idm"])}
        for part in parts
    ]

    def accuracy(name: str) -> Measure:
        of_runs = [(p[name].argmax(1) == p["answers"]).mean() for p in parts]
        return mean(of_runs)._replace(num_images=num_queries * len(parts))

    return {
        "accuracy": accuracy("one_way"),
        "accuracy_two_way": accuracy("two_way"),
        "accuracy_fused": accuracy("fused"),
        **{f"accuracy_{name}": accuracy(name) for name in _DISTANCES},
        "chance": Measure(1.0 / num_classes, 0.0, num_queries * len(parts)),
    }


def _picture(
    job: Job, runs: data.OneShotRuns, parts: list[dict[str, np.ndarray]]
) -> None:
    """A column a query: first correctly classified ones, then wrong ones."""
    trials = [
        (r, q, part["one_way"][q].argmax() == part["answers"][q])
        for r, part in enumerate(parts)
        for q in range(len(part["answers"]))
    ]
    columns, num_right = [], 0
    for wanted in (True, False):
        found = [(r, q) for r, q, is_right in trials if is_right == wanted]
        distance = max(1, len(found) // _NUM_PICTURED)
        found = found[::distance][:_NUM_PICTURED]
        num_right += wanted * len(found)
        columns += [_column(runs, r, q, parts[r]) for r, q in found]
    figures.sheet(
        list(zip(*columns, strict=True)),
        [
            f"queries: {num_right} classified correctly, then wrong ones",
            "the right character and its parse",
            "that parse fitted to the query; the character's log score",
            "the chosen character and its parse",
            "that parse fitted to the query; the character's log score",
        ],
        job.figure("fits"),
        num_given=num_right,
    )


def _column(
    runs: data.OneShotRuns, r: int, q: int, part: dict[str, np.ndarray]
) -> list[np.ndarray]:
    """The tiles of query q of run r."""
    query = runs.query[r, q] / 255.0
    tiles = [query]
    choices = part["answers"][q], part["one_way"][q].argmax()
    for i, choice in enumerate(choices):
        parsed, fitted = (
            _lines(part, name, (q, i)) for name in ("parsed", "fitted")
        )
        support = runs.support[r, choice] / 255.0
        score = f"{part['one_way'][q, choice]:,.0f}"
        tiles += [
            figures.overlay(support, parsed),
            figures.overlay(query, fitted, text=score),
        ]
    return tiles


def _lines(
    part: dict[str, np.ndarray], name: str, row: tuple[int, int]
) -> list[np.ndarray]:
    """The lines `[100, 2]` of strokes that a part keeps."""
    points = part[name][row]
    if "presence" in part:
        is_drawn = part["presence"][row] > 0.5
        return list(np.asarray(bezier.curve_points(points[is_drawn], 100)))
    numbers = part["num_control_points"][row]
    [found] = lines.of_splines(SplineStrokes(points[None], numbers[None]))
    return found
