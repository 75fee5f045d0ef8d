"""Whether drawings keep the class of the real drawing they are made from."""

import numpy as np

from tfdood.data import datasets
from tfdood.evaluate.measures import features


def given_rows(labels: np.ndarray, count: int) -> np.ndarray:
    """Chooses drawings whose class has others, at even distances by class.

    Args:
        labels: `[N]`.
        count: of drawings; fewer if there are fewer.

    Returns:
        Their rows, sorted by class.

    Raises:
        ValueError: If no class has two drawings.
    """
    _, index, counts = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    order = np.argsort(labels, kind="stable")
    order = order[counts[index[order]] > 1]
    if not len(order):
        raise ValueError(
            f"No class has two drawings among the {len(labels)} drawings, "
            "but this task needs them to tell whether new drawings keep the "
            "class. Use the whole dataset."
        )
    return order[datasets.even_rows(len(order), count)]


def is_kept(
    made: np.ndarray, rows: np.ndarray, real: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Whether the class of the given drawing has the nearest mean.

    The given drawing is left out of the means.

    Args:
        made: `[G, Q, D]`, features of drawings made from each given one.
        rows: `[G]`, of the given drawings among the real ones; each has others
            of its class.
        real: `[N, D]`, features of all real drawings.
        labels: `[N]`, their classes.

    Returns:
        `[G, Q]`, bool.
    """
    kept = np.empty(made.shape[:2], bool)
    for i, row in enumerate(rows):
        is_other = np.arange(len(labels)) != row
        kept[i] = labels[row] == features.nearest_class(
            made[i], real[is_other], labels[is_other]
        )
    return kept
