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
    return points_at(points, np.linspace(0.0, lengths(points)[-1], num_points))


def points_at(points: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Points at given distances along a polygonal line.

    Args:
        points: `[N, 2]`, its corners.
        distances: `[...]`, from its start; 0 to its length.

    Returns:
        `[..., 2]`.
    """
    length = lengths(points)
    return np.stack([np.interp(distances, length, x) for x in points.T], -1)


def lengths(points: np.ndarray) -> np.ndarray:
    """How long a polygonal line is up to each of its corners.

    Args:
        points: `[N, 2]`, its corners.

    Returns:
        `[N]`, the first is 0.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def turn(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The angle between directions.

    Args:
        one: `[..., 2]`.
        other: `[..., 2]`.

    Returns:
        `[...]`, in degrees, from 0 for the same direction to 180; 90 if one of
        them has no length.
    """
    norms = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    product = (one * other).sum(-1)
    cosine = product / np.maximum(norms, np.finfo(float).tiny)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
