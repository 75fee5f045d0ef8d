"""Standard errors of what is no mean over drawings: a jackknife over groups.

    error^2 = (G - 1) / G sum_g (v_g - mean v)^2

v_g is the value without the drawings of group g.
"""

import numpy as np

_MOST_GROUPS = 10


def groups(count: int) -> np.ndarray:
    """Deals drawings into at most 10 groups, in turn.

    Args:
        count: the number of drawings `N`, at least 2.

    Returns:
        `[N]`, int64, the group of each drawing, from 0.
    """
    return np.arange(count) % min(_MOST_GROUPS, count)


def standard_error(without: np.ndarray | list[float]) -> np.ndarray:
    """The standard error of a value.

    Args:
        without: `[G, ...]`, the value without each of the groups.

    Returns:
        `[...]`.
    """
    return np.sqrt((len(without) - 1) * np.var(without, axis=0))
