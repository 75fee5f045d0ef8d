"""Distances between images and between curves."""

import numpy as np
from scipy import spatial
from scipy.spatial import distance


def pixel_distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Euclidean distances between images.

    Args:
        images: `[N, H, W, 1]`.
        others: `[M, H, W, 1]`.

    Returns:
        `[N, M]`.
    """
    flat = (x.reshape(len(x), -1).astype(np.float64) for x in (images, others))
    return distance.cdist(*flat)


def hausdorff_distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Modified Hausdorff distances between the ink of images.

    Ink are the pixels above one half, as points about their mean. An image
    without ink has one point.

    Args:
        images: `[N, H, W, 1]` uint8, ink is bright.
        others: `[M, H, W, 1]`, the same.

    Returns:
        `[N, M]`, in pixels. Source: the classification demo of the Omniglot
        repository (Lake et al. 2015).
    """
    trees, other_trees = (
        [spatial.KDTree(_ink(x)) for x in xs] for xs in (images, others)
    )
    return np.array(
        [[modified_hausdorff(a, b) for b in other_trees] for a in trees]
    )


def modified_hausdorff(points: spatial.KDTree, others: spatial.KDTree) -> float:
    """The larger of the mean distances to the nearest point of the other set.

        d(A, B) = max(mean_a min_b |a - b|, mean_b min_a |a - b|)

    Args:
        points: of any number.
        others: the other set.

    Returns:
        The distance. Source: Dubuisson and Jain (1994).
    """
    there, _ = others.query(points.data)
    back, _ = points.query(others.data)
    return max(there.mean(), back.mean())


def chamfer(points: np.ndarray, others: np.ndarray) -> float:
    """The mean of the mean distances to the nearest point of the other set.

        d(A, B) = (mean_a min_b |a - b| + mean_b min_a |a - b|) / 2

    Args:
        points: `[N, 2]`.
        others: `[M, 2]`.
    """
    pairs = distance.cdist(points, others)
    return float(pairs.min(1).mean() + pairs.min(0).mean()) / 2.0


def _ink(image: np.ndarray) -> np.ndarray:
    points = np.argwhere(image[..., 0] > 127).astype(np.float64)
    if not len(points):
        return np.zeros([1, 2])
    return points - points.mean(0)
