"""The kernel distance between two sets of features: the estimator of KID.

    k(x, y) = (x . y / D + 1)^3

Source: Binkowski et al., "Demystifying MMD GANs" (2018). There, the features
are those of an Inception network; the estimator is the same.
"""

import numpy as np

from tfdood.evaluate.measures import jackknife
from tfdood.evaluate.records.job import Measure

_ROWS_A_BLOCK = 1_000


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cubic polynomial kernel.

    Args:
        a: `[N, D]`.
        b: `[M, D]`.

    Returns:
        `[N, M]`.
    """
    return (a @ b.T / a.shape[1] + 1.0) ** 3


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The unbiased estimate of the squared maximum mean discrepancy.

        mean_{i != j} k(a_i, a_j) + mean_{i != j} k(b_i, b_j)
            - 2 mean_ij k(a_i, b_j)

    Unlike a Frechet distance, it does not depend on the numbers of rows on
    average. It may be negative if the sets are of one distribution.

    Args:
        a: `[N, D]`, N at least 2.
        b: `[M, D]`, M at least 2.

    Returns:
        The estimate.
    """
    alone = (np.zeros(len(x), int) for x in (a, b))
    return _estimate(*_sums(a, b, *alone))


def measure(a: np.ndarray, b: np.ndarray) -> Measure:
    """The distance, with its standard error by a jackknife over groups.

    Args:
        a: `[N, D]`, N at least 4, rows independent of each other.
        b: `[N, D]`, the same.
    """
    group = jackknife.groups(len(a))
    sums, counts = _sums(a, b, group, group)
    without = [
        _estimate(_left_out(sums, g), np.delete(counts, g, 1))
        for g in np.unique(group)
    ]
    error = jackknife.standard_error(without)
    return Measure(_estimate(sums, counts), float(error), len(a))


def _sums(
    a: np.ndarray, b: np.ndarray, group_a: np.ndarray, group_b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the kernel over pairs of groups, without pairs of one row.

    Args:
        a: `[N, D]`.
        b: `[M, D]`.
        group_a: `[N]`, of each row, from 0 to G - 1.
        group_b: `[M]`, the same.

    Returns:
        `[3, G, G]`, within a, within b and between a and b, and the numbers of
        rows in the groups of a and of b, `[2, G]`.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    groups = np.eye(group_a.max() + 1)
    sums = np.zeros([3, *groups.shape])
    of_a, of_b = groups[group_a], groups[group_b]
    for total, x, y, of_x, of_y in zip(
        sums,
        (a, b, a),
        (a, b, b),
        (of_a, of_b, of_a),
        (of_a, of_b, of_b),
        strict=True,
    ):
        for start in range(0, len(x), _ROWS_A_BLOCK):
            rows = slice(start, start + _ROWS_A_BLOCK)
            total += of_x[rows].T @ (kernel(x[rows], y) @ of_y)
    for total, x, of_x in zip(sums, (a, b), (of_a, of_b), strict=False):
        own = ((x**2).sum(1) / x.shape[1] + 1.0) ** 3
        total -= np.diag(of_x.T @ own)
    return sums, np.stack([of_a.sum(0), of_b.sum(0)])


def _left_out(sums: np.ndarray, group: int) -> np.ndarray:
    """Sums `[3, G, G]` without the rows of one group in either set."""
    return np.delete(np.delete(sums, group, 1), group, 2)


def _estimate(sums: np.ndarray, counts: np.ndarray) -> float:
    """The distance, of sums `[3, G, G]` and numbers of rows `[2, G]`."""
    within_a, within_b, between = sums.sum((1, 2))
    n, m = counts.sum(1)
    return float(
        within_a / (n * (n - 1.0))
        + within_b / (m * (m - 1.0))
        - 2.0 * between / (n * m)
    )
