"""Uniform cubic B-splines: curves with any number of control points.

Coordinates are `(x, y)`. A curve begins near its first control point, at 0.8 of
the first and 0.2 of the second, and ends in the same way. Source: Lake et al.,
"Human-level concept learning through probabilistic program induction" (2015),
whose strokes GNS takes over.
"""

import collections
import functools
import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfdood.drawing.curves import polylines

MOST_CONTROL_POINTS = 50
"""The most control points of a minimal spline."""


def basis(num_control_points: int, num_points: int) -> np.ndarray:
    """Evaluates the B-splines of all control points at even times.

    The cubic B-spline of control point i is the density of a sum of four
    uniform variables, shifted by i. Times go from 2 to `N + 1`, and each row is
    divided by its sum, which is less than 1 at the ends.

    Args:
        num_control_points: `N`, at least 1.
        num_points: `S`, at least 1; one point has the first time.

    Returns:
        `[S, N]` float64; each row sums to one.

    Raises:
        ValueError: If a number is smaller than 1.
    """
    if num_control_points < 1 or num_points < 1:
        raise ValueError(
            "A spline needs at least 1 control point and at least 1 point, got "
            f"num_control_points={num_control_points} and "
            f"num_points={num_points}."
        )
    times = np.linspace(2.0, num_control_points + 1.0, num_points)
    values = _kernel(times[:, np.newaxis] - np.arange(num_control_points))
    return values / values.sum(-1, keepdims=True)


def points(
    control_points: tf.Tensor, num_control_points: tf.Tensor, num_points: int
) -> tf.Tensor:
    """Evaluates splines with different numbers of control points.

        points = basis(num_control_points, num_points) control_points

    Args:
        control_points: `[..., N, 2]`; those after the first
            `num_control_points` are padding, of any finite value. `N` is known
            when the graph is built.
        num_control_points: `[...]`, int, from 0 to `N`.
        num_points: `S`, at least 1.

    Returns:
        `[..., S, 2]`; zeros for a spline without control points.
    """
    most = control_points.shape[-2]
    table = tf.constant(_bases(most, num_points), control_points.dtype)
    return tf.matmul(tf.gather(table, num_control_points), control_points)


def fit(points: np.ndarray, num_control_points: int) -> np.ndarray:
    """Fits a spline to points at even times, by least squares.

    Args:
        points: `[S, D]`, of one curve, or of several side by side.
        num_control_points: `N`, at least 1.

    Returns:
        `[N, D]`; of all splines with the same error, the smallest.
    """
    return np.linalg.lstsq(basis(num_control_points, len(points)), points)[0]


def minimal(
    lines: Sequence[np.ndarray], pixel: float, residual: float
) -> list[np.ndarray]:
    """Fits the splines with the fewest control points that are near enough.

    Lines of one length are fitted at a time.

    Args:
        lines: each `[M, 2]`, the corners of a polygonal line. Points at
            distances of about a pixel are fitted.
        pixel: the side of a pixel, in the unit of the lines.
        residual: a spline is near enough if the mean squared distance of these
            points from the spline is smaller than this, in square pixels.

    Returns:
        The control points of each line, `[N, 2]`, N from 1, of a dot, to 50.
    """
    groups = collections.defaultdict(list)
    found = [line[:1].copy() for line in lines]
    for row, line in enumerate(lines):
        length = polylines.lengths(line)[-1]
        if length > 0.0:
            groups[max(2, math.ceil(length / pixel) + 1)].append(row)
    for count, rows in groups.items():
        points = [polylines.resample(lines[row], count) for row in rows]
        splines = _minimal_of(np.stack(points), residual * pixel**2)
        for row, spline in zip(rows, splines, strict=True):
            found[row] = spline
    return found


def _minimal_of(points: np.ndarray, residual: float) -> list[np.ndarray]:
    """Fits `minimal` splines to points `[L, S, 2]` of lines of one length."""
    splines = list(points)
    rows = np.arange(len(points))
    for number in range(2, MOST_CONTROL_POINTS + 1):
        rest = points[rows].swapaxes(0, 1)  # [S, R, 2]
        flat = rest.reshape(len(rest), -1)
        fitted = fit(flat, number)
        missed = basis(number, len(rest)) @ fitted - flat
        errors = (missed.reshape(rest.shape) ** 2).sum(-1).mean(0)
        for row, spline in zip(
            rows, np.split(fitted, len(rows), 1), strict=True
        ):
            splines[row] = spline
        rows = rows[errors >= residual]
        if not len(rows):
            break
    return splines


@functools.cache
def _bases(most: int, num_points: int) -> np.ndarray:
    """`[most + 1, num_points, most]`: `basis` of each number, with zeros."""
    table = np.zeros([most + 1, num_points, most])
    for number in range(1, most + 1):
        table[number, :, :number] = basis(number, num_points)
    return table


def _kernel(x: np.ndarray) -> np.ndarray:
    """The cubic B-spline on [0, 4]; 0 elsewhere."""
    distance = np.abs(x - 2.0)
    inner = 2.0 / 3.0 - distance**2 + distance**3 / 2.0
    outer = np.maximum(2.0 - distance, 0.0) ** 3 / 6.0
    return np.where(distance < 1.0, inner, outer)
