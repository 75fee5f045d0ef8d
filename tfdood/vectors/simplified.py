"""Polygonal lines with few corners, by the rule of Quick, Draw!."""

from collections.abc import Sequence

import numpy as np
from skimage import measure

from tfdood.drawing.curves import polylines
from tfdood.vectors.pen_strokes import PenStroke

_LARGEST = 255.0
_TOLERANCE = 2.0


def lines(strokes: Sequence[PenStroke]) -> list[np.ndarray]:
    """Scales and simplifies the strokes of a drawing.

    The drawing moves to the top left corner and becomes 255 units long on its
    longer side. Each stroke gets points at distances of one unit, and loses
    those that are not needed (Douglas and Peucker, with a tolerance of 2).

    Args:
        strokes: in their order.

    Returns:
        For each stroke `[N, 2]` int64, points `(x, y)` from 0 to 255. A dot has
        one point. Source: the README of the Quick, Draw! dataset.
    """
    found = [stroke.points() for stroke in strokes]
    if not found:
        return []
    everything = np.concatenate(found)
    low = everything.min(0)
    longer = (everything.max(0) - low).max()
    factor = _LARGEST / longer if longer else 1.0
    return [_simple((points - low) * factor) for points in found]


def _simple(points: np.ndarray) -> np.ndarray:
    steps = int(polylines.lengths(points)[-1]) + 1
    even = polylines.resample(points, steps + 1)
    kept = np.rint(measure.approximate_polygon(even, _TOLERANCE)).astype(int)
    is_new = np.any(np.diff(kept, axis=0) != 0, axis=-1)
    return kept[np.append(True, is_new)]
