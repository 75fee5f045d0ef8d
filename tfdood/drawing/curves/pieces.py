"""Divides lines into pieces for one curve each, and chains curves together.

Lines are `[N, 2]` arrays of points `(x, y)` in the unit square.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial import distance

from tfdood.drawing.curves import bernstein, fitting, polylines

_STEP = 0.01  # between the points of a line at which it may be divided
_REACH = 8  # steps before and after a point that give its turn
_SHORTEST = 0.1  # of a piece, in image widths
_NUM_POINTS = 60


class Piece(NamedTuple):
    """A part of a line.

    Attributes:
        points: `[N, 2]`.
        line: the number of the line.
        curve: `[K, 2]`, the control points of the Bezier curve that fits best.
        miss: the largest distance of a point of the piece to the curve, in
            image widths.
    """

    points: np.ndarray
    line: int
    curve: np.ndarray
    miss: float


class Link(NamedTuple):
    """A line in a chain.

    Attributes:
        line: its number.
        reversed: whether the chain passes through it from end to start.
    """

    line: int
    reversed: bool


def divide(
    lines: list[np.ndarray],
    num_control_points: int,
    most: int | None,
    tolerance: float,
    shortest: float = _SHORTEST,
) -> list[Piece]:
    """Divides lines until one Bezier curve fits each piece.

    The piece that its curve misses most is divided next, where it turns most.

    Args:
        lines: of a drawing.
        num_control_points: of a curve.
        most: pieces at most; lines are not divided if they are as many. None
            for any number.
        tolerance: a piece is not divided if each of its points is nearer to the
            curve, in image widths.
        shortest: length of a piece at least, in image widths.

    Returns:
        The pieces, in the order of the lines.
    """
    pieces = [
        fitted(line, number, num_control_points)
        for number, line in enumerate(lines)
    ]
    misses = [piece.miss for piece in pieces]
    while most is None or len(pieces) < most:
        worst = int(np.argmax(misses)) if misses else 0
        if not misses or misses[worst] < tolerance:
            break
        corner = _corner(pieces[worst].points, shortest)
        if corner is None:
            misses[worst] = -1.0  # It cannot be divided.
            continue
        number = pieces[worst].line
        parts = [fitted(part, number, num_control_points) for part in corner]
        pieces[worst : worst + 1] = parts
        misses[worst : worst + 1] = [part.miss for part in parts]
    return pieces


def fitted(points: np.ndarray, line: int, num_control_points: int) -> Piece:
    """Fits a Bezier curve to a piece of a line.

    Args:
        points: `[N, 2]`.
        line: the number of the line.
        num_control_points: of the curve.

    Returns:
        The piece.
    """
    even = polylines.resample(points, _NUM_POINTS)
    curve = fitting.fit(even, num_control_points)
    drawn = bernstein.values(num_control_points, _NUM_POINTS) @ curve
    miss = distance.cdist(even, drawn).min(1).max()
    return Piece(points, line, curve, float(miss))


class _Corner(NamedTuple):
    before: np.ndarray
    after: np.ndarray


def _corner(line: np.ndarray, shortest: float) -> _Corner | None:
    """Both parts of a long line, before and after its largest turn."""
    count = int(polylines.lengths(line)[-1] / _STEP) + 1
    least = round(shortest / _STEP)
    inner = np.arange(least, count - least)
    if not len(inner):
        return None
    points, reach = polylines.resample(line, count), min(_REACH, least)
    ahead = points[np.minimum(inner + reach, count - 1)] - points[inner]
    behind = points[inner] - points[np.maximum(inner - reach, 0)]
    at = inner[polylines.turn(behind, ahead).argmax()]
    return _Corner(points[: at + 1], points[at:])


def chain(
    lines: list[np.ndarray], largest_gap: float, largest_turn: float
) -> list[list[Link]]:
    """Chains lines where their ends meet and one continues the other.

    The two ends with the smallest turn are chained first. The turn is that of
    a way over the middle of the gap.

    Args:
        lines: of a drawing.
        largest_gap: between two ends, in image widths.
        largest_turn: where they meet, in degrees.

    Returns:
        The chains, each of at least one line. A chain has the place and the
        direction of its first line in the order of lines.
    """
    chains = [[Link(number, reversed=False)] for number in range(len(lines))]
    paths = list(lines)
    while True:
        found = [
            (bend, i, j, sides)
            for j in range(len(paths))
            for i in range(j)
            for sides in ((1, 0), (1, 1), (0, 0), (0, 1))
            for bend in [_bend(paths[i], paths[j], sides, largest_gap)]
            if bend < largest_turn
        ]
        if not found:
            return chains
        _, i, j, (side, other_side) = min(found)
        links, path = chains.pop(j), paths.pop(j)
        if side == other_side:
            links, path = _reversed(links), path[::-1]
        if side == 1:
            chains[i], parts = chains[i] + links, [paths[i], path]
        else:
            chains[i], parts = links + chains[i], [path, paths[i]]
        paths[i] = np.concatenate(parts)


def _reversed(links: list[Link]) -> list[Link]:
    return [Link(line, not is_reversed) for line, is_reversed in links[::-1]]


def _bend(
    line: np.ndarray, other: np.ndarray, sides: tuple[int, int], gap: float
) -> float:
    """The turn from an end of a line into an end of another one, in degrees.

    Args:
        line: a line.
        other: another line.
        sides: the end of each: 0 its start, 1 its end.
        gap: the largest.

    Returns:
        The turn; infinite if the gap is larger, or if a line has no length.
    """
    one, two = (
        points if side == 0 else points[::-1]
        for points, side in zip((line, other), sides, strict=True)
    )
    is_far = np.linalg.norm(one[0] - two[0]) > gap
    if is_far or not all(polylines.lengths(x)[-1] for x in (one, two)):
        return np.inf
    middle = (one[0] + two[0]) / 2.0
    return float(polylines.turn(middle - _inner(one), _inner(two) - middle))


def _inner(points: np.ndarray) -> np.ndarray:
    """The point of a line at some steps from its start."""
    length = polylines.lengths(points)[-1]
    return polylines.points_at(points, min(_REACH * _STEP, length))
