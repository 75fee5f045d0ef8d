"""Estimates the paper around each pixel of a picture.

Most of a picture lies on a plane of colours, the sheet. Shapes that stand out
from it are filled with its colour. What lies along a side of the picture, or in
its corner, is a table or the edge of a scanner, with a colour of its own. Paper
is the median of a neighbourhood of the rest, so that shadows are paper.
"""

import itertools
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from skimage.filters import rank

_WINDOW = 1.0 / 6.0  # Side of the neighbourhood, in longest sides.
_STARTS = np.array([0.2, 0.5, 0.8])  # Ranks of colours that may be paper.
_SPREAD = 16.0  # What is near the sheet while it is fitted, in grey levels.
_STEPS = 5  # Of the fit.
_SHAPE = 24.0  # Distance of a shape from the sheet, in grey levels.
_SHARP = 0.5  # Share of its contrast that a shape loses at its edge.
_ALONG = 0.7  # Share of a side of the picture along which a table lies.
_CORNER = 0.15  # Share of both its sides that a table in a corner covers.
_NEAR = 0.01  # What is as near to a side, in longest sides, touches it.
_WIDE = 0.05  # No table is narrower, in longest sides.
_CORNERED = np.ones([3, 3], bool)  # Pixels at corners are neighbours, too.


class Range(NamedTuple):
    """The colours of the paper at each pixel.

    Attributes:
        low: `[C, h, w]`, the least value of each channel nearby.
        high: `[C, h, w]`, the largest value.
    """

    low: np.ndarray
    high: np.ndarray


def estimate(coarse: np.ndarray) -> Range:
    """Estimates the paper of a picture.

    Args:
        coarse: `[C, h, w]`, uint8, with sides of about 100 pixels.

    Returns:
        The paper at each pixel, `[C, h, w]`.
    """
    sheet = _sheet(coarse)
    shapes, along = _shapes(coarse - sheet)
    table = _thick(along, max(1, round(_WIDE * max(along.shape) / 2.0)))
    own = _range(np.where(shapes | along, sheet, coarse))
    if not table.any():
        return own
    colour = np.median(coarse[:, table], -1)[:, np.newaxis, np.newaxis]
    other = _range(np.where(table, coarse, colour))
    low, high = (
        np.where(table, there, here)
        for here, there in zip(own, other, strict=True)
    )
    edge = ndimage.binary_dilation(table, _CORNERED, 2) & ~(
        ndimage.binary_erosion(table, _CORNERED, 2, border_value=1)
    )
    low[:, edge] = np.minimum(own.low, other.low)[:, edge]
    high[:, edge] = np.maximum(own.high, other.high)[:, edge]
    return Range(low, high)


def _sheet(coarse: np.ndarray) -> np.ndarray:
    """The plane `[C, h, w]` of colours that most of a picture lies on.

    The middle of the picture counts for more: a sheet lies in the middle.
    """
    y, x = (np.linspace(-1.0, 1.0, n) for n in coarse.shape[1:])
    terms = np.stack(np.broadcast_arrays(1.0, x, y[:, np.newaxis]))
    some = terms[:, ::2, ::2].reshape([3, -1])
    values = coarse[:, ::2, ::2].reshape([len(coarse), -1]).astype(np.float64)
    counts = 2.0 - np.abs(some[1:]).max(0)
    ranks = np.argsort(values.sum(0))
    best, most = None, -1.0
    for start in ranks[(_STARTS * len(ranks)).astype(int)]:
        planes = np.outer(values[:, start], [1.0, 0.0, 0.0])
        for _ in range(_STEPS):
            off = np.abs(values - planes @ some).max(0)
            weighted = some * (counts / (off**2 + _SPREAD**2))
            normal = weighted @ some.T + 1e-9 * np.eye(3)
            planes = np.linalg.solve(normal, weighted @ values.T).T
        off = np.abs(values - planes @ some).max(0)
        if (count := counts[off < _SHAPE].sum()) > most:
            best, most = planes, count
    return np.clip(np.round(np.tensordot(best, terms, 1)), 0, 255)


def deviation(off: np.ndarray) -> float:
    """Estimates noise from distances, of which a quarter or more are noise.

    Args:
        off: distances from a mean, of any shape.

    Returns:
        The standard deviation, by the lower quartile of normal noise.
    """
    return np.percentile(off, 25.0) / 0.3186


def _shapes(difference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Filled shapes, and those along a side, in a difference from the sheet.

    Several thresholds part shapes from a shadow that they lie in.

    Args:
        difference: `[C, h, w]`, in grey levels.

    Returns:
        The masks of both, `[h, w]`.
    """
    off = np.abs(difference).max(0)
    is_light = difference.sum(0) > 0.0
    lowest = max(_SHAPE, 4.0 * deviation(off))
    shapes, around = np.zeros([2, *off.shape], bool)
    for threshold in lowest * np.array([8.0, 4.0, 2.0, 1.0]):
        for side in (is_light, ~is_light):
            mask = (off > threshold) & side & ~around
            if not mask.any():
                continue
            labels = parts(mask)
            is_shape = _is_sharp(off, labels) & ~is_along(labels, _CORNER)
            shapes |= np.append(False, is_shape)[labels]
        around = ndimage.binary_dilation(shapes, _CORNERED, 2)
    labels = parts((off > lowest) & ~around)
    is_other = _is_sharp(off, labels) & is_along(labels, _CORNER)
    return shapes, np.append(False, is_other)[labels]


def _thick(mask: np.ndarray, radius: int) -> np.ndarray:
    """A mask without what is narrower than two radii and a pixel.

    What continues a wide part along a side of the picture stays, if it reaches
    to the side itself: the table gets narrower there if the sheet is turned.
    """
    width = 2 * radius + 1
    core = ndimage.binary_opening(mask, np.ones([width, width]))
    near = ndimage.binary_dilation(core, _CORNERED)
    for rows, off in (
        *((near, mask), (near[::-1], mask[::-1])),
        *((near.T, mask.T), (near.T[::-1], mask.T[::-1])),
    ):
        rows[:width] |= np.logical_and.accumulate(off[:width])
    return ndimage.binary_propagation(core, _CORNERED, mask=mask & near)


def _is_sharp(off: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether the contrast of each part ends at its edge: it is no shadow."""
    inside = labels * ~ndimage.binary_erosion(
        labels > 0, _CORNERED, 2, border_value=1
    )
    outside = ndimage.grey_dilation(labels, footprint=np.ones([5, 5]))
    outside *= labels == 0
    count = labels.max()
    here, there = (means(off, edge, count) for edge in (inside, outside))
    return here - there > _SHARP * means(off, labels, count)


def means(values: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Averages over the parts of a mask.

    Args:
        values: `[H, W]`.
        labels: `[H, W]`, numbers of parts.
        count: the number of parts.

    Returns:
        `[count]`, for the parts from 1; 0 for a part without pixels.
    """
    totals = np.bincount(labels.ravel(), values.ravel(), count + 1)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    return (totals / np.maximum(areas, 1))[1:]


def is_along(labels: np.ndarray, in_corner: float = 0.0) -> np.ndarray:
    """Tells the parts that lie along a side of the picture, or in a corner.

    Args:
        labels: `[H, W]`, the result of `parts`.
        in_corner: the share of both sides that a part in their corner covers
            at least.

    Returns:
        `[N]` of bool, for the parts from 1 to N.
    """
    near = max(1, round(_NEAR * max(labels.shape)))
    count = labels.max() + 1
    shares = []
    for side in (labels, labels[::-1], labels.T, labels.T[::-1]):
        strip = np.sort(side[:near], 0)
        is_first = np.diff(strip, axis=0, prepend=-1) != 0
        counts = np.bincount(strip[is_first], minlength=count)
        shares.append(counts / strip.shape[1])
    found = np.max(shares, 0) >= _ALONG
    for row, column in itertools.product((0, -1), (0, -1)):
        part = labels[row, column]
        both = shares[-row][part], shares[2 - column][part]
        found[part] |= min(both) >= in_corner
    return found[1:]


def _range(coarse: np.ndarray) -> Range:
    """The paper in a picture `[C, h, w]`, and its range around each pixel."""
    window = max(3, round(_WINDOW * max(coarse.shape[1:])) | 1)
    half = window // 2
    local = [
        rank.median(
            np.pad(channel, half, "symmetric"),
            np.ones([window, window], np.uint8),
        )[half:-half, half:-half]
        for channel in coarse.astype(np.uint8)
    ]
    return Range(
        ndimage.minimum_filter(np.stack(local), [1, 3, 3]),
        ndimage.maximum_filter(np.stack(local), [1, 3, 3]),
    )


def parts(mask: np.ndarray) -> np.ndarray:
    """Numbers the connected parts of a mask.

    Args:
        mask: `[H, W]`.

    Returns:
        `[H, W]`: the number of each pixel's part, from 1; 0 outside.
    """
    return ndimage.label(mask, _CORNERED)[0]
