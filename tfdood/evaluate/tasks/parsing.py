"""Agreement of inferred strokes with those of the people who drew.

Strokes of two drawings are matched one to one such that the sum of their
Chamfer distances is smallest; neither the order of strokes nor their direction
counts. Not in the paper.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize
from scipy.spatial import distance

from tfdood import figures
from tfdood.data import alphabets, pen_strokes, resizing
from tfdood.drawing.curves import bezier
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import distances
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.figures import palette
from tfdood.parsing.base import Parser

DEFAULTS = {"num_images": 1_000, "num_particles": 10}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_NUM_POINTS = 50
_NEAR = 0.05  # image widths, about the width of a line
_NUM_PICTURED = 10


class Match(NamedTuple):
    """Two drawings whose strokes were matched, `M = min(N, N')` pairs.

    Attributes:
        pairs: `[M, 2]`, indices of strokes of the one and of the other.
        distances: `[M]`, Chamfer distances, in image widths.
        counts: `N`, `N'`.
    """

    pairs: np.ndarray
    distances: np.ndarray
    counts: tuple[int, int]

    @property
    def f_score(self) -> float:
        """Twice the number of near pairs over the number of all strokes."""
        return 2.0 * float((self.distances < _NEAR).sum()) / sum(self.counts)


class HumanDrawings(NamedTuple):
    """Drawings of which the pen strokes are known.

    Attributes:
        images: `[N, S, S, 1]` in [0, 1], drawn from the strokes.
        strokes: of each drawing, a list of `[M, 2]` points.
        other_drawer: likewise, of another person who drew the same character.
        other_character: likewise, of a drawing of another character.
        source: where they come from, in words.
    """

    images: np.ndarray
    strokes: list[list[np.ndarray]]
    other_drawer: list[list[np.ndarray]]
    other_character: list[list[np.ndarray]]
    source: str


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Compares inferred strokes with human ones; draws some of both.

    The images are drawn anew from the human strokes. Baselines take the place
    of the model: `by_other_drawer`, the strokes of another person who drew the
    same character, `by_line`, one straight stroke from end to end of the
    drawing, and `by_other_character`, a person's strokes for some other
    character.

    Args:
        job: 1,000 drawings by default; the most probable of 10 parses
            (`num_particles`) is compared, after the refinement if there is
            one.

    Returns:
        `chamfer_distance` (of matched strokes, in image widths), `f_score`,
        `count_error`, each also for the baselines, and the source.

    Raises:
        FileNotFoundError: If the pen strokes are not in the data folder.
        ValueError: If the dataset is not Omniglot.
    """
    if job.dataset != "omniglot":
        raise ValueError(
            f"Pen strokes exist for Omniglot, got dataset={job.dataset}; give "
            "--dataset=omniglot."
        )
    human = read(job)
    inferred = infer(
        parsers.build(
            job.model,
            num_parses=1,
            num_tries=job.num_particles,
            refinement=job.refinement,
        ),
        human.images,
        job.seed,
    )
    candidates = {
        "": inferred,
        "_by_line": [[straight_line(strokes)] for strokes in human.strokes],
        "_by_other_drawer": human.other_drawer,
        "_by_other_character": human.other_character,
    }
    found = {}
    for name, others in candidates.items():
        matches = [
            match(a, b) for a, b in zip(human.strokes, others, strict=True)
        ]
        found |= {f"{k}{name}": v for k, v in measures(matches).items()}
    _picture(job, human, inferred)
    return found, human.source


def read(job: Job) -> HumanDrawings:
    """Reads drawings, at even distances, of those with pen strokes.

    All are of background alphabets, some of which are for validation
    (`data.alphabets`).

    Args:
        job: with the split, the number of drawings, the folder of data and the
            seed of the choice of other drawings.

    Raises:
        FileNotFoundError: If the pen strokes are not in the data folder.
        ValueError: If there are none of the alphabets of the split.
    """
    everything = pen_strokes.read(job.data_dir)
    splits = alphabets.split_of_characters(
        np.array([drawing.class_id for drawing in everything])
    )
    everything = [
        everything[row] for row in np.flatnonzero(splits == job.split)
    ]
    if not everything:
        raise ValueError(
            f"No pen strokes are of {job.split} alphabets; import all of "
            "strokes_background_small1.zip and strokes_background_small2.zip."
        )
    count = min(job.num_images, len(everything))
    rows = np.linspace(0, len(everything) - 1, count).round().astype(int)
    images = np.stack([pen_strokes.image(everything[row]) for row in rows])
    same, different = _others(everything, rows, job.seed)
    return HumanDrawings(
        images=resizing.resize(images, job.model.image_size) / np.float32(255),
        strokes=[everything[row].strokes for row in rows],
        other_drawer=[everything[row].strokes for row in same],
        other_character=[everything[row].strokes for row in different],
        source=f"pen strokes of {count:,} of {len(everything):,} drawings of "
        f"Omniglot background characters ({job.split} alphabets), which models "
        "trained on Omniglot have seen",
    )


def infer(
    parser: Parser, images: np.ndarray, seed: int
) -> list[list[np.ndarray]]:
    """Infers the strokes of images.

    Args:
        parser: that gives one parse an image.
        images: `[N, S, S, 1]` in [0, 1].
        seed: of the parser.

    Returns:
        Of each image, its strokes: `[100, 2]` points on the canvas each.
    """
    parses = parser.parse(images, (seed, 0)).on_canvas()
    strokes = parses.rows((slice(None), 0)).strokes
    return [
        list(np.asarray(bezier.curve_points(points[presence > 0.5], 100)))
        for points, presence in zip(
            strokes.control_points, strokes.presence, strict=True
        )
    ]


def match(strokes: list[np.ndarray], others: list[np.ndarray]) -> Match:
    """Matches the strokes of two drawings one to one, with the smallest sum.

    Args:
        strokes: each `[N, 2]`, points of a line.
        others: the same, of the other drawing.

    Returns:
        `Match`.
    """
    lines, other_lines = (
        [distances.resample(np.asarray(x), _NUM_POINTS) for x in drawing]
        for drawing in (strokes, others)
    )
    cost = np.array(
        [[distances.chamfer(a, b) for b in other_lines] for a in lines]
    ).reshape(len(lines), len(other_lines))
    pairs = np.stack(optimize.linear_sum_assignment(cost), -1)  # [M, 2]
    return Match(pairs, cost[tuple(pairs.T)], cost.shape)


def straight_line(strokes: list[np.ndarray]) -> np.ndarray:
    """The line `[2, 2]` between the two points farthest from each other."""
    points = np.concatenate(
        [distances.resample(stroke, _NUM_POINTS) for stroke in strokes]
    )
    pairs = distance.squareform(distance.pdist(points))
    return points[list(np.unravel_index(pairs.argmax(), pairs.shape))]


def measures(matches: list[Match]) -> dict[str, Measure]:
    """Means over drawings.

    Args:
        matches: of human strokes and others.

    Returns:
        `chamfer_distance`, over the drawings that have strokes at all,
        `f_score` and `count_error`.
    """
    matched = [m.distances.mean() for m in matches if len(m.pairs)]
    return {
        **({"chamfer_distance": mean(matched)} if matched else {}),
        "f_score": mean(np.array([m.f_score for m in matches])),
        "count_error": mean(
            np.array([abs(np.subtract(*m.counts)) for m in matches])
        ),
    }


def _others(
    everything: Sequence[pen_strokes.PenDrawing], rows: np.ndarray, seed: int
) -> tuple[list[int], list[int]]:
    """For each row, one of the same character, and one of another character."""
    rng = np.random.default_rng([seed, 1])
    class_ids = np.array([drawing.class_id for drawing in everything])
    same, different = [], []
    for row in rows:
        is_same = class_ids == class_ids[row]
        others = np.flatnonzero(~is_same)
        is_same[row] = False
        same.append(rng.choice(np.flatnonzero(is_same)))
        different.append(rng.choice(others))
    return same, different


def _picture(
    job: Job, human: HumanDrawings, inferred: list[list[np.ndarray]]
) -> None:
    """Human strokes above inferred ones; matched ones have one colour."""
    images, strokes = human.images, human.strokes
    rows = np.linspace(0, len(images) - 1, min(_NUM_PICTURED, len(images)))
    columns = []
    for row in np.unique(rows.astype(int)):
        pairs = match(strokes[row], inferred[row]).pairs
        colours = [palette.UNMATCHED] * len(inferred[row])
        human_colours = [palette.UNMATCHED] * len(strokes[row])
        for number, (a, b) in enumerate(pairs):
            human_colours[a] = colours[b] = palette.stroke(number)
        columns.append(
            [
                images[row],
                figures.overlay(images[row], strokes[row], human_colours),
                figures.overlay(images[row], inferred[row], colours),
            ]
        )
    figures.sheet(
        list(zip(*columns, strict=True)),
        [
            "drawing",
            "human strokes",
            "inferred strokes: matched ones in the same colour, others grey",
        ],
        job.figure("strokes"),
    )
