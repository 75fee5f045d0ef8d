"""Polygonal lines: points that are joined by straight segments."""

import numpy as np


def resample(points: np.ndarray, num_points: int) -> np.ndarray:
    """Points at even distances along a polygonal line.

    Args:
        points: `[N, 2]`, its corners.
        num_points: `S`, both ends included.

    Returns:
        `[S, 2]`; one point repeated if the line has no length.
    """
    length = lengths(points)
    at = np.linspace(0.0, length[-1], num_points)
    return np.stack([np.interp(at, length, x) for x in points.T], -1)


def lengths(points: np.ndarray) -> np.ndarray:
    """How long a polygonal line is up to each of its corners.

    Args:
        points: `[N, 2]`, its corners.

    Returns:
        `[N]`, the first is 0.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    return np.concatenate([[0.0], np.cumsum(steps)])
