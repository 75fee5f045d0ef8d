"""Hausdorff distances between thinned ink that an affine map has aligned.

The map is found by iterated closest points (Besl and McKay 1992), from the
start at which both drawings have the same centre and the same scale. It learns
nothing.
"""

import numpy as np
from skimage import morphology

NUM_POINTS = 64
"""The number of points of a drawing."""

NUM_STEPS = 8
"""The number of rounds, each of closest points and an affine map."""

STIFFNESS = 0.3
"""The weight of |map - identity|^2, in mean squares of points.

On runs of background characters, 0.03 to 0.3 are equally good, and so are 4
steps and 8, and 64 points and 100."""

_IDENTITY = np.eye(3, 2)  # of rows (x, y, 1)


def distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Modified Hausdorff distances after alignment, there and back added.

    Args:
        images: `[N, S, S]` or `[N, S, S, 1]` uint8, ink is bright.
        others: `[M, ...]`, the same.

    Returns:
        `[N, M]`, in standard deviations of the ink.
    """
    points, other_points = (
        np.stack([standardised(thinned(x)) for x in xs])
        for xs in (images, others)
    )
    there = one_way(points[:, np.newaxis], other_points)
    back = one_way(other_points[:, np.newaxis], points)
    return there + back.T


def thinned(image: np.ndarray) -> np.ndarray:
    """Points on the middle lines of ink, each as far as possible from others.

    Args:
        image: `[S, S]` or `[S, S, 1]` uint8, ink is bright.

    Returns:
        `[64, 2]`, x and y in pixels. They are repeated where the lines have
        fewer pixels; an image without ink has its centre.
    """
    image = image.reshape(image.shape[:2])
    points = np.argwhere(morphology.skeletonize(image > 127))[:, ::-1]
    points = points.astype(np.float64)
    if not len(points):
        points = np.full([1, 2], (len(image) - 1) / 2.0)
    nearest = np.square(points - points.mean(0)).sum(-1)
    chosen = []
    for _ in range(min(NUM_POINTS, len(points))):
        chosen.append(nearest.argmax())
        squares = np.square(points - points[chosen[-1]]).sum(-1)
        nearest = squares if len(chosen) == 1 else np.minimum(nearest, squares)
    return np.resize(points[chosen], [NUM_POINTS, 2])


def standardised(points: np.ndarray) -> np.ndarray:
    """Points about their mean, with a mean variance of 1 along x and y.

    Args:
        points: `[P, 2]`.

    Returns:
        `[P, 2]`; zeros if all points are the same.
    """
    points = points - points.mean(0)
    spread = np.sqrt(np.square(points).mean())
    return points / spread if spread > 0.0 else points


def one_way(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Modified Hausdorff distances of aligned points to others.

    Args:
        points: `[..., P, 2]`, standardised; these are moved.
        others: `[..., P, 2]`, standardised; leading dimensions are broadcast.

    Returns:
        `[...]`, see `distances.modified_hausdorff`.
    """
    moved = aligned(points, others)
    squares = np.maximum(_squared_distances(moved, others), 0.0)
    there, back = (np.sqrt(squares.min(axis)).mean(-1) for axis in (-1, -2))
    return np.maximum(there, back)


def aligned(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Moves points onto others by an affine map `M`, rows `(x, y, 1) M`.

        M = argmin mean_p |(p, 1) M - closest point of p|^2
            + STIFFNESS |M - identity|^2

    Args:
        points: `[..., P, 2]`.
        others: `[..., P, 2]`; leading dimensions are broadcast.

    Returns:
        `[..., P, 2]`.
    """
    points, others = np.broadcast_arrays(points, others)
    rows = np.concatenate([points, np.ones_like(points[..., :1])], -1)
    to_means = rows.swapaxes(-1, -2) / rows.shape[-2]
    products = to_means @ rows + STIFFNESS * np.eye(3)
    moved = points
    for _ in range(NUM_STEPS):
        closest = _squared_distances(moved, others).argmin(-1)
        targets = np.take_along_axis(others, closest[..., np.newaxis], -2)
        wanted = to_means @ targets + STIFFNESS * _IDENTITY
        moved = rows @ np.linalg.solve(products, wanted)
    return moved


def _squared_distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of all pairs, `[..., P, P]`; rounding may make them negative."""
    own, other = (np.square(x).sum(-1) for x in (points, others))
    products = points @ others.swapaxes(-1, -2)
    return own[..., np.newaxis] + other[..., np.newaxis, :] - 2.0 * products
