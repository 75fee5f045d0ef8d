"""Precision and recall of a set of drawings, by manifolds of features.

The manifold of a set is the union of the balls around its points, each as
large as the distance to the k-th nearest other point of the set. Precision is
the share of samples in the manifold of real drawings: do they look real?
Recall is the share of real drawings in the manifold of samples: are there
samples of all kinds? Both depend on the number of points: compare them at equal
numbers. Source: Kynkaanniemi et al., "Improved precision and recall metric for
assessing generative models" (2019).
"""

import numpy as np
from scipy.spatial import distance

from tfdood.evaluate.records.job import Measure, mean

NUM_NEIGHBOURS = 3
"""The `k` of the paper."""

_ROWS_A_BLOCK = 1_000


def measure(samples: np.ndarray, real: np.ndarray) -> dict[str, Measure]:
    """Precision and recall, with standard errors over the points tested.

    Args:
        samples: `[N, D]`, features, N above `NUM_NEIGHBOURS`.
        real: `[N, D]`, features of as many real drawings.

    Returns:
        `precision` and `recall`.
    """
    return {
        "precision": mean(is_inside(samples, real, NUM_NEIGHBOURS)),
        "recall": mean(is_inside(real, samples, NUM_NEIGHBOURS)),
    }


def is_inside(points: np.ndarray, others: np.ndarray, k: int) -> np.ndarray:
    """Whether points are in the manifold of a set.

        any_j |point - other_j| <= |other_j - its k-th nearest neighbour|

    Args:
        points: `[N, D]`.
        others: `[M, D]`, the set, M more than `k`.
        k: at least 1.

    Returns:
        `[N]`, bool.
    """
    radii = _radii(others, k)
    inside = [
        (distance.cdist(points[rows], others) <= radii).any(1)
        for rows in _blocks(len(points))
    ]
    return np.concatenate(inside)


def _radii(points: np.ndarray, k: int) -> np.ndarray:
    """The distance of each point to its k-th nearest other point, `[M]`."""
    # Each point is its own nearest one, at distance 0: it has the index 0.
    found = [
        np.partition(distance.cdist(points[rows], points), k, axis=1)[:, k]
        for rows in _blocks(len(points))
    ]
    return np.concatenate(found)


def _blocks(count: int) -> list[slice]:
    starts = range(0, count, _ROWS_A_BLOCK)
    return [slice(start, start + _ROWS_A_BLOCK) for start in starts]
