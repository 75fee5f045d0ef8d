"""New exemplars of given characters (Fig. 7): varied, but still the same?

Each exemplar has a parse of its own, the best of 20 samples, and motor noise
and an affine transform of its own: the signature `exemplars` draws one a row.
The parses of a model without a recognition network are searched for
(`measures.redrawing`). Distances are Euclidean, in `features`. Copies of the
drawing keep the class as often as the drawing does, but have no diversity: look
at both.
"""

import numpy as np
from scipy.spatial import distance

from tfdood import figures
from tfdood.data import datasets
from tfdood.evaluate.measures import (
    class_agreement,
    features,
    ratios,
    redrawing,
)
from tfdood.evaluate.records.job import Drawings, Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 100}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_NUM_EXEMPLARS = 8
_NUM_TEST = 20_000
_GIVEN_A_CALL = 8
_NUM_PICTURED = 10


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Draws 8 exemplars of each of some drawings, of all classes.

    Args:
        job: 100 given drawings by default; a model without a recognition
            network needs the explainer `searched`.

    Returns:
        `distance_to_given` of exemplars, and, to compare it with, that
        `_of_reconstructions`, which parsing alone causes, and
        `distance_within_class` and `distance_between_classes`, from the given
        drawing to other real ones; `distance_between_exemplars` of one
        drawing; `distance_between_drawings`, the same of as many real drawings
        of one class; `diversity`, the former divided by the latter, which is 0
        of copies and 1 of real drawings; `class_agreement`, the share of
        exemplars to which the mean of the right class is nearest, and the same
        `_of_reconstructions` and `_of_given`, of the given drawings; and the
        source. Datasets of one class have no measures of classes.

    Raises:
        ValueError: If the model does not fit the explainer.
    """
    test = job.drawings(_NUM_TEST)
    rows = class_agreement.given_rows(test.labels, job.num_images)
    given = test.images[rows]
    redrawn = redraw(job, given)
    exemplars = redrawn.exemplars
    extract = features.Extractor()
    own = extract(exemplars.reshape(-1, *given.shape[1:]))
    measures = compare(
        own.reshape(*exemplars.shape[:2], -1),
        extract(redrawn.reconstructions)[:, np.newaxis],
        rows,
        extract(test.images),
        test.labels,
    )
    _picture(job, exemplars, rows, test)
    return measures, test.source


def redraw(job: Job, given: np.ndarray) -> redrawing.Redrawn:
    """Draws exemplars and reconstructions of given drawings.

    Args:
        job: with the model, and its explainer.
        given: `[G, S, S, 1]` in [0, 1].
    """
    row_seeds = seeds.of_rows(len(given) * _NUM_EXEMPLARS, job.seed)
    row_seeds = row_seeds.reshape(len(given), _NUM_EXEMPLARS, 2)

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        stream = rows.start // _GIVEN_A_CALL
        found = redrawing.redraw(job, given[rows], row_seeds[rows], stream)
        return found._asdict()

    found = job.in_chunks(len(given), _GIVEN_A_CALL, chunk)
    return redrawing.Redrawn(**found)


def compare(
    exemplars: np.ndarray,
    reconstructions: np.ndarray,
    rows: np.ndarray,
    real: np.ndarray,
    labels: np.ndarray,
) -> dict[str, Measure]:
    """The measures that `run` lists, from features.

    Args:
        exemplars: `[G, E, D]`, of each given drawing.
        reconstructions: `[G, 1, D]`.
        rows: `[G]`, of the given drawings among the real ones.
        real: `[N, D]`, of all real drawings.
        labels: `[N]`, their classes.
    """
    given = real[rows][:, np.newaxis]
    made = np.concatenate([exemplars, reconstructions, given], 1)
    values = {}
    if len(np.unique(labels)) > 1:
        right = class_agreement.is_kept(made, rows, real, labels)
        values = {
            "class_agreement": right[:, :-2].mean(1),
            "class_agreement_of_reconstructions": right[:, -2],
            "class_agreement_of_given": right[:, -1],
        }
    found = [
        _distances_of(own, again, row, real, labels)
        for own, again, row in zip(
            exemplars, reconstructions, rows, strict=True
        )
    ]
    values |= {name: [v[name] for v in found] for name in found[0]}
    measures = {name: mean(value) for name, value in values.items()}
    measures["diversity"] = ratios.of_means(
        values["distance_between_exemplars"],
        values["distance_between_drawings"],
    )
    return measures


def _distances_of(
    own: np.ndarray,
    again: np.ndarray,
    row: int,
    real: np.ndarray,
    labels: np.ndarray,
) -> dict[str, float]:
    """The distances of one given drawing, which is a row of the real ones."""
    is_same = labels == labels[row]
    is_other = np.arange(len(labels)) != row
    distances = _distances(real, real[row])
    of_class = np.append(_others(row, labels, len(own) - 1), row)
    found = {
        "distance_to_given": _distances(own, real[row]).mean(),
        "distance_to_given_of_reconstructions": _distances(
            again, real[row]
        ).mean(),
        "distance_within_class": distances[is_same & is_other].mean(),
        "distance_between_exemplars": _between(own),
        "distance_between_drawings": _between(real[of_class]),
    }
    if not is_same.all():
        found["distance_between_classes"] = distances[~is_same].mean()
    return found


def _between(rows: np.ndarray) -> float:
    """The mean distance between two of the rows `[N, D]`."""
    return distance.pdist(rows).mean()


def _others(row: int, labels: np.ndarray, count: int) -> np.ndarray:
    """At most `count` other rows of the class of a row, at even distances."""
    same = np.flatnonzero(labels == labels[row])
    same = same[same != row]
    return same[datasets.even_rows(len(same), count)]


def _picture(
    job: Job, exemplars: np.ndarray, rows: np.ndarray, test: Drawings
) -> None:
    """Draws a row a given drawing: it, its exemplars, people's drawings."""
    tiles = []
    for i in datasets.even_rows(len(rows), _NUM_PICTURED):
        people = [*test.images[_others(rows[i], test.labels, _NUM_EXEMPLARS)]]
        missing = [None] * (_NUM_EXEMPLARS - len(people))
        new = exemplars[i] / np.float32(255.0)
        tiles.append([test.images[rows[i]], *new, None, *people, *missing])
    title = "given, drawn anew, and drawn by people"
    figures.sheet(
        tiles,
        [title] + [""] * (len(tiles) - 1),
        job.figure("anew"),
        num_given=1,
    )


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sqrt(((a - b) ** 2).sum(-1))
