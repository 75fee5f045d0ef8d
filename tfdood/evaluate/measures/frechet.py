"""The Frechet distance between two sets of features."""

import numpy as np

from tfdood.evaluate.measures import jackknife
from tfdood.evaluate.records.job import Measure

_FEWEST = 4


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The squared Frechet distance of two sets, each taken for a Gaussian.

        |mean_a - mean_b|^2 + trace(C_a + C_b - 2 (C_a C_b)^(1/2))

    It grows as there are fewer rows: compare distances at equal numbers.

    Args:
        a: `[N, D]`, N at least 2.
        b: `[M, D]`, M at least 2.

    Returns:
        At least 0, in the square of the features' unit.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    gap = a.mean(0) - b.mean(0)
    covariance_a, covariance_b = (
        np.atleast_2d(np.cov(x.T, ddof=1)) for x in (a, b)
    )
    # C_a C_b and R C_b R, where R R = C_a, have the same eigenvalues.
    values, vectors = np.linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    values = np.linalg.eigvalsh(root @ covariance_b @ root)
    overlap = np.sqrt(np.maximum(values, 0.0)).sum()
    total = np.trace(covariance_a) + np.trace(covariance_b)
    return max(0.0, float(gap @ gap + total - 2.0 * overlap))


def measure(a: np.ndarray, b: np.ndarray) -> Measure:
    """The distance, with its standard error by a jackknife over groups.

    Args:
        a: `[N, D]`, N at least 4, rows independent of each other.
        b: `[N, D]`, the same.

    Raises:
        ValueError: If there are fewer rows.
    """
    if len(a) < _FEWEST:
        raise ValueError(
            f"A Frechet distance needs at least {_FEWEST} drawings in each "
            f"set, got {len(a)}."
        )
    group = jackknife.groups(len(a))
    without = [distance(a[group != g], b[group != g]) for g in np.unique(group)]
    error = jackknife.standard_error(without)
    return Measure(distance(a, b), float(error), len(a))
