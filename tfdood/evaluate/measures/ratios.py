"""Ratios of means."""

import numpy as np

from tfdood.evaluate.records.job import Measure


def of_means(numerators: np.ndarray, denominators: np.ndarray) -> Measure:
    """The ratio of two means, with its standard error.

        r = mean_n a_n / mean_n b_n
        error = std_n(a_n - r b_n) / (sqrt(N) mean_n b_n)

    The error is that of the first order in the deviations (delta method).

    Args:
        numerators: `[N]`, a value an image.
        denominators: `[N]`, a value of the same image, not 0 on average.

    Returns:
        The ratio; its error is 0 if there is one image.
    """
    a, b = (np.asarray(x, np.float64) for x in (numerators, denominators))
    ratio = a.mean() / b.mean()
    error = 0.0
    if len(a) > 1:
        spread = (a - ratio * b).std(ddof=1)
        error = spread / (np.sqrt(len(a)) * abs(b.mean()))
    return Measure(float(ratio), float(error), len(a))
