"""Nearest training drawings, to see whether a model copies them."""

from typing import NamedTuple

import numpy as np
import tqdm

from tfdood.evaluate.measures import features

_CHUNK = 4_000
_TINY = 1e-6


class Nearest(NamedTuple):
    """The nearest of some references.

    Attributes:
        distance: `[N]`, root mean square over pixels.
        index: `[N]`, of the reference.
    """

    distance: np.ndarray
    index: np.ndarray


def nearest(
    queries: np.ndarray,
    references: np.ndarray,
    left_out: np.ndarray | None = None,
) -> Nearest:
    """The nearest reference of each query, by pixels.

    Images are compared at 28 x 28 pixels, a slight blur.

    Args:
        queries: `[N, S, S, 1]`, in [0, 1], or uint8.
        references: `[M, S, S, 1]`, the same.
        left_out: `[N]`, the index of a reference that each query may not find.
    """
    queries = features.pixels(queries)
    distance = np.full(len(queries), np.inf)
    index = np.zeros(len(queries), np.int64)
    for start in tqdm.trange(
        0, len(references), _CHUNK, desc="nearest", unit="chunk"
    ):
        chunk = features.pixels(references[start : start + _CHUNK])
        squares = features.squared_distances(queries, chunk)
        if left_out is not None:
            here = left_out - start
            rows = np.flatnonzero((here >= 0) & (here < len(chunk)))
            squares[rows, here[rows]] = np.inf
        closest = squares.argmin(1)
        found = squares[np.arange(len(queries)), closest]
        is_closer = found < distance
        distance[is_closer] = found[is_closer]
        index[is_closer] = start + closest[is_closer]
    return Nearest(np.sqrt(distance / queries.shape[1]), index)


def relative_distance(found: Nearest, references: np.ndarray) -> np.ndarray:
    """The distance to the nearest reference, relative to other references.

    It is divided by the distance of that reference to its own nearest one.
    Below 1, a query is nearer to a reference than any other reference is (Alaa
    et al., "How faithful is your synthetic data?", 2022, call the other queries
    authentic).
    This is true of some new drawings of the same kind, too: compare the
    shares. Plain distances depend on how simple drawings are.

    Args:
        found: of the queries, `[N]`.
        references: `[M, S, S, 1]`, M at least 2.

    Returns:
        `[N]`.
    """
    rows, inverse = np.unique(found.index, return_inverse=True)
    others = nearest(references[rows], references, left_out=rows)
    return found.distance / np.maximum(others.distance[inverse], _TINY)
