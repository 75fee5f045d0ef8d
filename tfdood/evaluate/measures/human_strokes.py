"""Drawings of which the pen strokes are known, and references that they give.

`measures.stroke_agreement` has the measures.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfdood.data import alphabets, datasets, pen_strokes, resizing
from tfdood.drawing.curves import bernstein, fitting
from tfdood.evaluate.measures import stroke_agreement
from tfdood.evaluate.records.job import Job

Lines = list[np.ndarray]
"""The strokes of a drawing, in order: each `[N, 2]` in the unit square."""

_NUM_CONTROL_POINTS = 5  # of a curve in place of a person's stroke
_NUM_CURVE_POINTS = 100

_AGREEMENT = ("chamfer_distance", "f_score", "count_error")
_MAKING = ("order", "direction")  # how a drawing was made


class HumanDrawings(NamedTuple):
    """Drawings of which the pen strokes are known.

    Attributes:
        images: `[N, S, S, 1]` in [0, 1], as they were published, resized.
        strokes: of each drawing.
        exact: `[N]`, whether the strokes are as recorded, not recovered.
        other_drawer: strokes of another person who drew the same character.
        other_character: strokes of a drawing of another character.
        source: where they come from, in words.
    """

    images: np.ndarray
    strokes: list[Lines]
    exact: np.ndarray
    other_drawer: list[Lines]
    other_character: list[Lines]
    source: str


def read(job: Job) -> HumanDrawings:
    """Reads drawings, at even distances, of those with pen strokes.

    All are of background alphabets. `data.alphabets` divides them, by one rule
    for Omniglot, and by another one for `datasets.STROKES`, most of whose
    alphabets are for training.

    Args:
        job: with the dataset, the split, the number of drawings, the folder of
            data and the seed of the choice of other drawings.

    Raises:
        FileNotFoundError: If the pen strokes are not in the data folder.
        ValueError: If there are none of the alphabets of the split.
    """
    everything = _of_split(job)
    if not everything:
        raise ValueError(
            f"No pen strokes are of {job.split} alphabets; import those of all "
            "background alphabets with python -m tfdood.data.prepare."
        )
    count = min(job.num_images, len(everything))
    rows = np.linspace(0, len(everything) - 1, count).round().astype(int)
    drawings = [everything[row] for row in rows]
    images = pen_strokes.images(drawings)
    exact = np.array([drawing.exact for drawing in drawings])
    same, different = _others(everything, rows, job.seed)
    return HumanDrawings(
        images=resizing.resize(images, job.model.image_size) / np.float32(255),
        strokes=[drawing.strokes for drawing in drawings],
        exact=exact,
        other_drawer=[everything[row].strokes for row in same],
        other_character=[everything[row].strokes for row in different],
        source=f"{count:,} of {len(everything):,} drawings of Omniglot "
        f"background characters with pen strokes ({job.split} alphabets), "
        f"{exact.sum():,} as recorded and {count - exact.sum():,} as "
        "recovered, whose images models trained on Omniglot have seen",
    )


def references(human: HumanDrawings) -> dict[str, np.ndarray]:
    """Measures what needs no model.

    Args:
        human: `N` drawings.

    Returns:
        `[N]` by name, NaN where a measure does not exist: `chamfer_distance`,
        `f_score` and `count_error` `_by_line`, `_by_other_drawer` and
        `_by_other_character`; `order` and `direction` `_by_other_drawer`;
        `chamfer_distance` and `f_score` `_by_beziers`; `order_by_top_left`.
        See `tasks.parsing.run` for the references.
    """
    basis = bernstein.values(_NUM_CONTROL_POINTS, _NUM_CURVE_POINTS)
    aligned, lines, beziers, orders = [], [], [], []
    for own, others in zip(human.strokes, human.other_drawer, strict=True):
        aligned.append(stroke_agreement.aligned(own, others))
        lines.append([stroke_agreement.straight_line(own)])
        beziers.append(
            [basis @ fitting.fit(x, _NUM_CONTROL_POINTS) for x in own]
        )
        by_rule = stroke_agreement.top_left_first(own)
        orders.append(stroke_agreement.order(np.array([*enumerate(by_rule)])))
    candidates = {
        "_by_line": (lines, _AGREEMENT),
        "_by_other_drawer": (aligned, (*_AGREEMENT, *_MAKING)),
        "_by_other_character": (human.other_character, _AGREEMENT),
        "_by_beziers": (beziers, ("chamfer_distance", "f_score")),
    }
    found = {}
    for suffix, (others, names) in candidates.items():
        values = stroke_agreement.compared(human.strokes, others)
        found |= {f"{name}{suffix}": values[name] for name in names}
    return {**found, "order_by_top_left": np.array(orders)}


def _of_split(job: Job) -> list[pen_strokes.PenDrawing]:
    everything = pen_strokes.read(job.data_dir)
    if job.dataset == datasets.STROKES[1]:
        everything = [drawing for drawing in everything if drawing.exact]
    split_of = (
        alphabets.split_of_strokes
        if job.dataset in datasets.STROKES
        else alphabets.split_of_characters
    )
    splits = split_of(np.array([drawing.class_id for drawing in everything]))
    return [everything[row] for row in np.flatnonzero(splits == job.split)]


def _others(
    everything: Sequence[pen_strokes.PenDrawing], rows: np.ndarray, seed: int
) -> tuple[list[int], list[int]]:
    """For each row, one of the same character, and one of another character.

    Raises:
        ValueError: If there is none.
    """
    rng = np.random.default_rng([seed, 1])
    class_ids = np.array([drawing.class_id for drawing in everything])
    same, different = [], []
    for row in rows:
        is_same = class_ids == class_ids[row]
        others = np.flatnonzero(~is_same)
        is_same[row] = False
        if not is_same.any() or not others.size:
            raise ValueError(
                f"Got one drawing of character {class_ids[row]}, or no other "
                "character; references need another drawing of it, and one of "
                "another character. Add pen strokes."
            )
        same.append(rng.choice(np.flatnonzero(is_same)))
        different.append(rng.choice(others))
    return same, different
