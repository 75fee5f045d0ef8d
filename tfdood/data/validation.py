"""The validation drawings: a fixed part of the training drawings of a dataset.

Datasets are published in two parts. Settings are chosen on a third one, so that
nothing but the final measurement sees the test drawings.
"""

import numpy as np

from tfdood.data import datasets
from tfdood.data.datasets import DrawingSet

_SHARE = 10  # one drawing in ten
_MOST = 2_000
_SEED = 1_989


def rows(num_drawings: int) -> np.ndarray:
    """Chooses the validation drawings among the published training drawings.

    The choice is a function of the number of drawings alone.

    Args:
        num_drawings: number of published training drawings, `N`.

    Returns:
        `[max(1, min(N // 10, 2000))]`, int64, different rows in rising order.

    Raises:
        ValueError: If there are fewer than 2 drawings.
    """
    if num_drawings < 2:
        raise ValueError(
            "At least 2 training drawings are needed, one to learn from and "
            f"one for validation; got {num_drawings}. Prepare a larger dataset."
        )
    count = max(1, min(num_drawings // _SHARE, _MOST))
    order = np.random.default_rng(_SEED).permutation(num_drawings)
    return np.sort(order[:count])


def is_of(num_drawings: int, split: str) -> np.ndarray:
    """Tells which of the published training drawings belong to a split.

    Args:
        num_drawings: the number of published training drawings, `N`.
        split: `train` or `validation`.

    Returns:
        `[N]`, bool.

    Raises:
        ValueError: If there are fewer than 2 drawings.
    """
    is_held_out = np.zeros(num_drawings, bool)
    is_held_out[rows(num_drawings)] = True
    return is_held_out if split == "validation" else ~is_held_out


def part(published: DrawingSet, split: str) -> DrawingSet:
    """Splits the published training drawings.

    Args:
        published: all training drawings of a dataset.
        split: `train` or `validation`.

    Returns:
        The drawings of the split in their old order. `source` says how many
        of the published ones they are.

    Raises:
        ValueError: If there are fewer than 2 drawings.
    """
    count = len(published.labels)
    is_chosen = is_of(count, split)
    return datasets.chosen(published, is_chosen)._replace(
        source=f"{published.source}, {is_chosen.sum():,} of {count:,} training "
        + ("drawings" if split == "train" else "drawings for validation"),
    )
