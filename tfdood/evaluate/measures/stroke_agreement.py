"""Agreement of the strokes of two drawings, of which one is a person's.

Strokes are polygonal lines `[N, 2]`, points `(x, y)` in the unit square, in
the order of drawing. Strokes of two drawings are matched one to one such that
the sum of their Chamfer distances is smallest; neither the order of strokes
nor their direction counts for that. Not in the paper.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats
from scipy.spatial import distance

from tfdood.drawing.curves import polylines
from tfdood.evaluate.measures import distances

NEAR = 0.05
"""Matched strokes that are nearer agree; about the width of a line."""

_NUM_POINTS = 50  # of a stroke
_EQUAL = 0.005  # a difference of distances that tells no direction
_SPACING = 0.01  # between points that count equally
_SMALLEST_SPREAD = 0.01


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
    def near_pairs(self) -> np.ndarray:
        """The pairs `[M', 2]` of strokes that are near each other."""
        return self.pairs[self.distances < NEAR]

    @property
    def f_score(self) -> float:
        """Twice the number of near pairs over the number of all strokes."""
        return 2.0 * len(self.near_pairs) / sum(self.counts)


def measures(
    strokes: Sequence[np.ndarray], others: Sequence[np.ndarray]
) -> dict[str, float]:
    """Measures how well the strokes of two drawings agree.

    Args:
        strokes: a person's, at least one.
        others: those that are compared with them.

    Returns:
        `chamfer_distance`, the mean over matched strokes, in image widths;
        `f_score`; `count_error`, the difference of the numbers of strokes;
        `order` of near pairs; and `direction`, the mean over near pairs for
        which there is one. NaN where something does not exist.
    """
    found = match(strokes, others)
    directions = [direction(strokes[a], others[b]) for a, b in found.near_pairs]
    return {
        "chamfer_distance": _mean(found.distances),
        "f_score": found.f_score,
        "count_error": float(abs(np.subtract(*found.counts))),
        "order": order(found.near_pairs),
        "direction": _mean(np.array(directions)),
    }


def compared(
    drawings: Sequence[Sequence[np.ndarray]],
    others: Sequence[Sequence[np.ndarray]],
) -> dict[str, np.ndarray]:
    """Measures how well the strokes of many drawings agree.

    Args:
        drawings: the strokes of each of `N`, at least one.
        others: those that are compared with them.

    Returns:
        `[N]` by name, see `measures`.
    """
    rows = [measures(a, b) for a, b in zip(drawings, others, strict=True)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def match(strokes: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> Match:
    """Matches the strokes of two drawings one to one, with the smallest sum.

    Args:
        strokes: each `[N, 2]`.
        others: the same, of the other drawing.

    Returns:
        `Match`.
    """
    lines, other_lines = (
        [polylines.resample(x, _NUM_POINTS) for x in drawing]
        for drawing in (strokes, others)
    )
    cost = np.array(
        [[distances.chamfer(a, b) for b in other_lines] for a in lines]
    ).reshape(len(lines), len(other_lines))
    pairs = np.stack(optimize.linear_sum_assignment(cost), -1)  # [M, 2]
    return Match(pairs, cost[tuple(pairs.T)], cost.shape)


def order(pairs: np.ndarray) -> float:
    """Kendall's tau between the orders of strokes in two drawings.

    Args:
        pairs: `[M, 2]`, the numbers of the same strokes in both.

    Returns:
        1 if the orders are equal, -1 if one is the other reversed, 0 expected
        by chance; NaN for fewer than two pairs.
    """
    if len(pairs) < 2:
        return np.nan
    return float(stats.kendalltau(*np.transpose(pairs)).statistic)


def top_left_first(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """The rule that the stroke that reaches farthest to the top left is first.

    That is the stroke with the smallest sum `x + y` of any of its points.

    Args:
        strokes: each `[N, 2]`.

    Returns:
        Their numbers in the order of this rule.
    """
    return np.argsort([x.sum(-1).min() for x in strokes], kind="stable")


def direction(stroke: np.ndarray, other: np.ndarray) -> float:
    """Whether two strokes run in the same direction.

    The points of both, at even distances, are paired in order, and in order
    with those of the other stroke reversed. The smaller mean distance decides.

    Args:
        stroke: `[N, 2]`, a person's.
        other: `[N', 2]`.

    Returns:
        1 if they do, 0 if not, and NaN if that cannot be told: if the two
        means are equal within half a hundredth of the image width, or if the
        ends of the person's stroke are near each other, because such rings may
        start anywhere, and dots have no direction.
    """
    line, other_line = (
        polylines.resample(x, _NUM_POINTS) for x in (stroke, other)
    )
    forward, backward = (
        np.linalg.norm(line - x, axis=-1).mean()
        for x in (other_line, other_line[::-1])
    )
    is_closed = np.linalg.norm(line[0] - line[-1]) < NEAR
    if is_closed or abs(forward - backward) < _EQUAL:
        return np.nan
    return float(forward < backward)


def aligned(
    strokes: Sequence[np.ndarray], others: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Moves and stretches a drawing onto another one.

    The centre and, along each axis, the standard deviation of points at even
    distances along all strokes become equal. There is no rotation or shear.
    Deviations of less than a hundredth of the image width count as a hundredth.

    Args:
        strokes: of the drawing to move to.
        others: of the drawing that is moved.

    Returns:
        `others`, moved.
    """
    (centre, spread), (other_centre, other_spread) = (
        _moments(drawing) for drawing in (strokes, others)
    )
    scale = spread / other_spread
    return [(x - other_centre) * scale + centre for x in others]


def straight_line(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """The line `[2, 2]` between the two points farthest from each other."""
    points = np.concatenate(
        [polylines.resample(stroke, _NUM_POINTS) for stroke in strokes]
    )
    pairs = distance.squareform(distance.pdist(points))
    return points[list(np.unravel_index(pairs.argmax(), pairs.shape))]


def _moments(drawing: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The centre and the spread along each axis, `[2]`, of a drawing."""
    points = np.concatenate(
        [
            polylines.resample(
                x, 1 + int(np.ceil(polylines.lengths(x)[-1] / _SPACING))
            )
            for x in drawing
        ]
    )
    return points.mean(0), np.maximum(points.std(0), _SMALLEST_SPREAD)


def _mean(values: np.ndarray) -> float:
    """The mean of the values that are there; NaN if there are none."""
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else np.nan
