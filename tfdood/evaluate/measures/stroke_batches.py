"""Batches of drawings with equally many strokes, so that none are padded."""

from collections.abc import Iterator

import numpy as np


def of(counts: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Puts drawings into batches.

    Args:
        counts: `[N]`, of the strokes of each drawing.
        size: of a batch at most.

    Yields:
        The rows of a batch, and their number of strokes.
    """
    for count in np.unique(counts):
        rows = np.flatnonzero(counts == count)
        for start in range(0, len(rows), size):
            yield rows[start : start + size], count
