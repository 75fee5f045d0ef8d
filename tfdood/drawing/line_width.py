"""The width of the lines of a drawing, and wider lines.

A model learned from drawings whose lines have a certain width. The pictures
that users give are larger, so that their lines are thin in the small image that
the model sees.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import morphology

_INK = 0.5


class Widened(NamedTuple):
    """Ink with wider lines.

    Attributes:
        ink: `[N, N]` from 0 to 1.
        growth: how much wider all lines are than before, in pixels.
    """

    ink: np.ndarray
    growth: float


def measure(ink: np.ndarray) -> float:
    """Measures the width of lines.

    Args:
        ink: `[N, N]` from 0, paper, to 1, ink.

    Returns:
        Twice the median distance from the middle of a line to the first pixel
        of paper, less one pixel: at least 1 pixel, or 0 without ink.
    """
    is_ink = np.pad(ink > _INK, 1)
    middle = morphology.skeletonize(is_ink)
    if not middle.any():
        return 0.0
    depth = ndimage.distance_transform_edt(is_ink)
    return max(2.0 * float(np.median(depth[middle])) - 1.0, 1.0)


def half_widths(
    ink: np.ndarray, size: int, levels: Sequence[float]
) -> np.ndarray:
    """Measures lines near each pixel of an image of the ink.

    Lines of the image are at least a pixel wide; the ink mostly is finer.

    Args:
        ink: `[N, N]` from 0 to 1.
        size: `S`, height and width of the image in pixels.
        levels: `L` shares of the largest value. Ink above a level is a line.

    Returns:
        `[L, S, S]` float32, for each pixel half of the width of the widest line
        that is at most one pixel of the image away, in widths of the image; 0
        if there is no such line.
    """
    factor = -(-size // len(ink))  # 1 if the ink is finer than the image.
    fine = ndimage.zoom(ink, factor, order=1, mode="nearest", grid_mode=True)
    centres = ((np.arange(size) + 0.5) * len(fine) / size).astype(int)
    reach = 2 * -(-len(fine) // size) + 1
    found = []
    for level in levels:
        is_ink = np.pad(fine > level * fine.max(), 1)
        depth = ndimage.distance_transform_edt(is_ink)[1:-1, 1:-1]
        near = ndimage.maximum_filter(depth, reach, mode="constant")
        found.append(near[centres[:, np.newaxis], centres])
    # From the middle of a line to its edge, not to the first pixel of paper:
    # half a pixel less in lines of odd widths, nothing less in even ones.
    halves = np.array(found, np.float32)
    return np.maximum(halves - 0.25, 0.0) / len(fine)


def widen(ink: np.ndarray, least: float) -> Widened:
    """Widens lines that are too thin.

    Args:
        ink: `[N, N]` from 0 to 1.
        least: the width that the lines shall have, in pixels.

    Returns:
        The ink with lines of this width, to within a pixel. Ink without lines,
        or with lines that are at least as wide, does not change.
    """
    width = measure(ink) if least > 1.0 else 0.0
    radius = round((least - width) / 2.0) if width else 0
    if radius < 1:
        return Widened(ink, 0.0)
    reach = np.arange(-radius, radius + 1)
    disk = np.hypot(reach, reach[:, np.newaxis]) < radius + 0.3
    return Widened(ndimage.grey_dilation(ink, footprint=disk), 2.0 * radius)


def darken_thin(image: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Darkens the lines that an image shows pale because they are thin.

    Args:
        image: `[S, S]` from 0 to 1, the ink in a smaller image.
        ink: `[N, N]` from 0 to 1.

    Returns:
        `[S, S]` from 0 to 1. All lines that are thinner than a pixel of the
        image get darker by the same factor. It is at most `N / S`, and such
        that the darkest of these lines is at most 1.
    """
    factor = len(ink) / len(image)
    if factor <= 1.0:
        return image
    thin = ink - ndimage.grey_opening(ink, [math.ceil(factor)] * 2)
    small = Image.fromarray(thin).resize(image.shape, Image.Resampling.BILINEAR)
    pale = np.asarray(small)
    return np.maximum(image, pale * min(factor, 1.0 / max(pale.max(), 1e-6)))
