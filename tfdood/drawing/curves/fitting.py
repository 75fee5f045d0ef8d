"""Bezier curves through lines, by least squares.

Coordinates are `(x, y)`, `x` to the right and `y` down.
"""

import numpy as np

from tfdood.drawing.curves import bernstein, polylines

_NUM_POINTS = 50  # of the line, at even distances
_NUM_STEPS = 10
_SETTLED = 1e-3  # A smaller change of all times ends the alternation.


def fit(points: np.ndarray, num_control_points: int) -> np.ndarray:
    """Fits one Bezier curve to a polygonal line.

    The curve is the one of least squares for points at even distances along
    the line, at times that are proportional to the length up to each. Then
    each time moves to where the curve is nearer to its point, by a step of
    Gauss-Newton, and the curve is fitted again, 10 times or until all times
    move by less than 0.001. The first time is 0 and the last one 1; times never
    change their order.

    Args:
        points: `[N, 2]`, the corners of the line; one point is a dot.
        num_control_points: `K`, at least 1.

    Returns:
        `[K, 2]`; for a dot all control points are there. Source: Schneider,
        "An algorithm for automatically fitting digitized curves" (1990), for
        the alternation.

    Raises:
        ValueError: If `K` is 0.
    """
    line = polylines.resample(np.asarray(points, np.float64), _NUM_POINTS)
    times = np.linspace(0.0, 1.0, _NUM_POINTS)
    control_points = _least_squares(line, times, num_control_points)
    is_dot = np.array_equal(line.min(0), line.max(0))
    for _ in range(0 if is_dot or num_control_points == 1 else _NUM_STEPS):
        before, times = times, _nearer(control_points, line, times)
        if np.abs(times - before).max() < _SETTLED:
            break
        control_points = _least_squares(line, times, num_control_points)
    return control_points


def _least_squares(
    line: np.ndarray, times: np.ndarray, num_control_points: int
) -> np.ndarray:
    basis = bernstein.values_at(num_control_points, times)
    return np.linalg.lstsq(basis, line)[0]


def _nearer(
    control_points: np.ndarray, line: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """Times `[S]` at which a curve is nearer to the points of a line."""

    def to_line(at: np.ndarray) -> np.ndarray:
        basis = bernstein.values_at(len(control_points), at)
        return line - basis @ control_points  # [S, 2]

    degree = len(control_points) - 1
    velocity = (
        degree
        * bernstein.values_at(degree, times)
        @ np.diff(control_points, axis=0)
    )  # [S, 2]
    gap = to_line(times)
    squares = np.maximum((velocity**2).sum(-1), np.finfo(float).tiny)
    moved = np.clip(times + (gap * velocity).sum(-1) / squares, 0.0, 1.0)
    is_nearer = (to_line(moved) ** 2).sum(-1) < (gap**2).sum(-1)
    is_nearer[[0, -1]] = False
    return np.sort(np.where(is_nearer, moved, times))
