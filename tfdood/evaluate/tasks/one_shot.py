"""One-shot classification: Lake's 20 runs of 20 characters (Table 1).

A query is of the character whose one given drawing explains it best, by
parses that are fitted to the query (paper, App. D.2.3):

    log p(x_T | x_c) = log sum_k pi_k max_z p(x_T | z) p(z | psi_k),
    pi_k ~ p(psi_k, x_c)
"""

import numpy as np
from scipy import special

from tfdood import data, figures
from tfdood.drawing.curves import bezier
from tfdood.evaluate.measures import distances, token_fitting
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.figures import overlays
from tfdood.parsing import amortised as parses

DEFAULTS = {"num_images": 20, "num_particles": 5}
"""What the task is done with, unless flags say otherwise."""

_NUM_TRIES = 10
_SCREENING_STEPS, _REFINING_STEPS, _NUM_REFINED = 10, 30, 3
_PUBLISHED_SIZE = 105
_NUM_PICTURED = 5  # of right and of wrong ones each


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Classifies the queries of the runs; draws some of the fits.

    Args:
        job: on Omniglot; 20 runs (`num_images`) and 5 parses (`num_particles`)
            by default.

    Returns:
        `accuracy`, `accuracy_two_way`, and those of simple distances and of
        `chance`, and the source.

    Raises:
        ValueError: If the dataset is another one.
    """
    if job.dataset != "omniglot":
        raise ValueError(
            "The one-shot runs are characters of Omniglot, got dataset="
            f"{job.dataset}; give --dataset=omniglot."
        )
    runs = data.read_oneshot(
        image_size=job.model.image_size, data_dir=job.data_dir
    )
    published = data.read_oneshot(
        image_size=_PUBLISHED_SIZE, data_dir=job.data_dir
    )
    fitter = token_fitting.Fitter(job.model)

    def part(number):
        queries, supports = (
            images[number].astype(np.float32) / 255.0
            for images in (runs.query, runs.support)
        )
        pair = published.query[number], published.support[number]
        answers = runs.answers[number]
        of_supports, of_queries = (
            parses.best(
                job.model,
                images,
                job.num_particles,
                _NUM_TRIES,
                seeds=(job.seed, 2 * number + is_query),
            )
            for is_query, images in enumerate((supports, queries))
        )
        one_way, two_way, fitted = classify(
            fitter, of_supports, of_queries, supports, queries
        )
        shown = np.stack([answers, one_way.argmax(1)], 1)  # [Q, 2]
        return {
            "answers": answers,
            "one_way": one_way,
            "two_way": two_way,
            "pixel_distance": -distances.pixel_distances(*pair),
            "hausdorff_distance": -distances.hausdorff_distances(*pair),
            **fitted.best(np.arange(len(queries))[:, None], shown),
        }

    count = min(job.num_images, len(runs.answers))
    parts = job.in_parts(count, part, unit="run")
    _draw(job, runs, parts)
    return measures(parts), runs.source


def measures(parts: list[dict[str, np.ndarray]]) -> dict[str, Measure]:
    """Accuracies, with standard errors over runs.

    The queries of a run share their characters, and so are not independent.

    Args:
        parts: of each run, `answers` `[Q]`, and scores `[Q, C]` of `one_way`,
            `two_way`, `pixel_distance` and `hausdorff_distance`.
    """
    num_queries, num_classes = parts[0]["one_way"].shape

    def accuracy(name):
        of_runs = [(p[name].argmax(1) == p["answers"]).mean() for p in parts]
        return mean(of_runs)._replace(num_images=num_queries * len(parts))

    return {
        "accuracy": accuracy("one_way"),
        "accuracy_two_way": accuracy("two_way"),
        "accuracy_pixel_distance": accuracy("pixel_distance"),
        "accuracy_hausdorff_distance": accuracy("hausdorff_distance"),
        "chance": Measure(1.0 / num_classes, 0.0, num_queries * len(parts)),
    }


def log_scores(fit_scores: np.ndarray, log_joint: np.ndarray) -> np.ndarray:
    """The Bayesian score of images given drawings, by parses of the latter.

        log p(x_m | x_n) = logsumexp_k (log pi_nk + score_mnk),
        pi_n = softmax(log_joint_n)

    Args:
        fit_scores: `[M, N, K]`, of the parses of drawing n fitted to image m.
        log_joint: `[N, K]`, log p(psi_k, x_n) of the parses.

    Returns:
        `[M, N]`. Source: paper, Eq. 19 and 20.
    """
    log_weights = special.log_softmax(log_joint, -1)
    return special.logsumexp(log_weights + fit_scores, -1)


def two_way_log_scores(
    there: np.ndarray, back: np.ndarray, log_joint: np.ndarray
) -> np.ndarray:
    """The Bayesian score that looks at both drawings in the same way.

        log p(x_T | x_c) + log p(x_c | x_T) - log p(x_c),
        p(x_c) = sum_k p(psi_k, z_k, x_c)

    Args:
        there: `[Q, C]`, log p(x_T | x_c).
        back: `[Q, C]`, log p(x_c | x_T).
        log_joint: `[C, K]`, log p(psi_k, z_k, x_c) of the parses of x_c, fitted
            to x_c itself as well as they are to others.

    Returns:
        `[Q, C]`. Source: Feinman and Lake 2021 (GNS), Eq. 5.
    """
    return there + back - special.logsumexp(log_joint, -1)


def highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Whether a score is among the highest ones of its row, `[Q, C]`."""
    rank = (-scores).argsort(1, kind="stable").argsort(1, kind="stable")
    return rank < count


class Fitted:
    """Parses of some drawings, fitted to all of some images.

    At first, only the most probable parse of each drawing is fitted.

    Args:
        fitter: of parses to images.
        types: parses, leading dimensions `[N, K]`.
        images: `[M, S, S, 1]`.
    """

    def __init__(self, fitter, types, images):
        self._fitter, self._types, self._images = fitter, types, images
        log_joint, points = types.log_joint, types.strokes.control_points
        self._scores = np.full([len(images), *log_joint.shape], -np.inf)
        self._points = np.tile(points, [len(images), *[1] * points.ndim])
        best = log_joint.argmax(-1)[:, None]  # [N, 1]
        self._fit(best == np.arange(log_joint.shape[-1]), _SCREENING_STEPS)

    def _fit(self, wanted, num_steps):
        where = np.nonzero(np.broadcast_to(wanted, self._scores.shape))
        m, n, k = where
        fits = self._fitter.fit(
            self._types.rows((n, k)), self._images[m], num_steps
        )
        is_better = fits.score > self._scores[where]
        where = tuple(index[is_better] for index in where)
        self._scores[where] = fits.score[is_better]
        self._points[where] = fits.control_points[is_better]

    def refine(self, pairs: np.ndarray) -> None:
        """Fits all parses of some pairs well, `pairs` `[M, N]`."""
        self._fit(pairs[..., np.newaxis], _REFINING_STEPS)

    def log_scores(self) -> np.ndarray:
        """`[M, N]`."""
        return log_scores(self._scores, self._types.log_joint)

    def best(self, m: np.ndarray, n: np.ndarray) -> dict[str, np.ndarray]:
        """Strokes of the parse that matters most to each pair (m, n).

        Returns:
            `presence`, and control points as `parsed` and as `fitted`.
        """
        weights = special.log_softmax(self._types.log_joint, -1)[n]
        k = (self._scores[m, n] + weights).argmax(-1)
        strokes = self._types.strokes
        return {
            "presence": strokes.presence[n, k],
            "parsed": strokes.control_points[n, k],
            "fitted": self._points[m, n, k],
        }


def classify(
    fitter: token_fitting.Fitter,
    of_supports: parses.Parses,
    of_queries: parses.Parses,
    supports: np.ndarray,
    queries: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, "Fitted"]:
    """Scores of all pairs of a run.

    The most probable parse of each drawing is fitted a little to all others.
    For the pairs that score highest after that, all parses are fitted well.
    Parses of supports are fitted to queries, and the other way round.

    Args:
        fitter: of parses to images.
        of_supports: parses, leading dimensions `[C, K]`.
        of_queries: parses, leading dimensions `[Q, K]`.
        supports: `[C, S, S, 1]`.
        queries: `[Q, S, S, 1]`.

    Returns:
        One-way and two-way log scores `[Q, C]`, and the parses of supports,
        fitted to queries.
    """
    there = Fitted(fitter, of_supports, queries)
    back = Fitted(fitter, of_queries, supports)
    n, k = np.indices(of_supports.log_joint.shape).reshape(2, -1)
    own = fitter.fit(of_supports.rows((n, k)), supports[n], _REFINING_STEPS)
    log_joint = of_supports.log_prior
    log_joint = log_joint + own.score.reshape(log_joint.shape)

    def scores():
        one_way = there.log_scores()
        return one_way, two_way_log_scores(
            one_way, back.log_scores().T, log_joint
        )

    pairs = np.logical_or(*(highest(x, _NUM_REFINED) for x in scores()))
    there.refine(pairs)
    back.refine(pairs.T)
    return *scores(), there


def _draw(job: Job, runs, parts) -> None:
    """A column a trial: first some that are right, then some wrong ones."""
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
            f"queries: {num_right} classified rightly, then wrongly",
            "the right character and its parse",
            "that parse fitted to the query, in nats",
            "the chosen character and its parse",
            "that parse fitted to the query, in nats",
        ],
        job.figure("fits"),
        num_given=num_right,
    )


def _column(runs, r, q, part):
    query = runs.query[r, q] / 255.0
    tiles = [overlays.overlay(query)]
    choices = part["answers"][q], part["one_way"][q].argmax()
    for i, choice in enumerate(choices):
        is_drawn = part["presence"][q, i] > 0.5
        parsed, fitted = (
            np.asarray(bezier.curve_points(part[name][q, i][is_drawn], 100))
            for name in ("parsed", "fitted")
        )
        support = runs.support[r, choice] / 255.0
        score = f"{part['one_way'][q, choice]:,.0f}"
        tiles += [
            overlays.overlay(support, parsed),
            overlays.overlay(query, fitted, text=score),
        ]
    return tiles
