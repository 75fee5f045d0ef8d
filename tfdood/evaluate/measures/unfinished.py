"""Unfinished drawings, made without strokes, and what they should become.

All models get the same unfinished drawings, pixels of real ones. How a drawing
goes on cannot be known: the best of several completions tells more than their
mean.
"""

import numpy as np

from tfdood.evaluate.measures import features

_ROWS_A_BLOCK = 1_000
_SLACK = 1e-9  # of rounding, in shares of ink


def first_ink(images: np.ndarray, share: float) -> np.ndarray:
    """Keeps the first ink of drawings, in the order in which text is read.

    Pixels are kept row by row from the top, from left to right, as long as they
    hold no more than a share of all ink.

    Args:
        images: `[N, H, W, 1]`, at least 0.
        share: of the ink, in [0, 1].

    Returns:
        `[N, H, W, 1]`, the other pixels are 0.
    """
    ink = images.reshape(len(images), -1)
    so_far = ink.cumsum(1, dtype=np.float64)
    is_kept = so_far <= (share + _SLACK) * so_far[:, -1:]
    return (ink * is_kept).reshape(images.shape)


def nearest(
    unfinished: np.ndarray, others: np.ndarray, share: float, count: int
) -> np.ndarray:
    """The drawings whose first ink is nearest to that of unfinished ones.

    Pixels are compared at 28 x 28 pixels, a slight blur.

    Args:
        unfinished: `[N, S, S, 1]` in [0, 1], of `first_ink`.
        others: `[M, S, S, 1]` in [0, 1], whole drawings.
        share: of the ink of these to look at, that of `unfinished`.
        count: `C`, of drawings to find, at most M.

    Returns:
        `[N, C]`, rows of the others, the nearest first.
    """
    queries = features.pixels(unfinished)
    squares = [
        features.squared_distances(
            queries,
            features.pixels(
                first_ink(others[start : start + _ROWS_A_BLOCK], share)
            ),
        )
        for start in range(0, len(others), _ROWS_A_BLOCK)
    ]
    order = np.concatenate(squares, 1).argsort(1, kind="stable")
    return order[:, :count]


def errors(completions: np.ndarray, whole: np.ndarray) -> dict[str, np.ndarray]:
    """How far completions are from the whole drawings.

    Args:
        completions: `[N, C, S, S, 1]` in [0, 1].
        whole: `[N, S, S, 1]` in [0, 1].

    Returns:
        `[N]` each: the mean absolute error of a pixel, as `error` the mean of
        the C completions and as `best_error` the smallest.
    """
    error = np.abs(completions - whole[:, np.newaxis]).mean((2, 3, 4))
    return {"error": error.mean(1), "best_error": error.min(1)}
