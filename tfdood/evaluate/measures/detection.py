"""How well boxes find the objects of scenes: the average precision of COCO.

There is one class of objects. The boxes of all scenes are sorted by their
scores. Within a scene, in this order, a box is matched to the object with the
largest overlap (intersection over union, IoU) among those that no box before
has taken, if the overlap reaches a threshold; otherwise the box is false. Then,
after the first k boxes,

    precision_k = matched_k / k        recall_k = matched_k / num_objects
    AP = mean over r = 0, 0.01, ..., 1 of max {precision_k : recall_k >= r}

where the maximum of nothing is 0. There is no limit on the number of boxes.
"""

from typing import NamedTuple

import numpy as np

from tfdood.evaluate.measures import jackknife
from tfdood.evaluate.records.job import Measure

THRESHOLDS = tuple(0.5 + 0.05 * np.arange(10))
"""The overlaps .50, .55, ..., .95, over which COCO takes the mean."""

_RECALLS = np.linspace(0.0, 1.0, 101)
_ROUNDING = 1e-6


class Boxes(NamedTuple):
    """Boxes that may be objects.

    Attributes:
        boxes: `[N, P, 4]`, (x0, y0, x1, y1) in the unit square.
        scores: `[N, P]`, larger where an object is more likely; boxes with a
            score of 0 are no detections.
    """

    boxes: np.ndarray
    scores: np.ndarray


class Objects(NamedTuple):
    """The objects that are there.

    Attributes:
        boxes: `[N, M, 4]`.
        is_there: `[N, M]`, bool; other rows mean nothing.
    """

    boxes: np.ndarray
    is_there: np.ndarray


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of all pairs of boxes.

    Args:
        a: `[..., P, 4]`, (x0, y0, x1, y1).
        b: `[..., M, 4]`, the same.

    Returns:
        `[..., P, M]`, in [0, 1]; 0 where both have no area.
    """
    a, b = a[..., :, np.newaxis, :], b[..., np.newaxis, :, :]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    shared = np.maximum(high - low, 0.0).prod(-1)
    union = _areas(a) + _areas(b) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def matches(found: Boxes, objects: Objects, threshold: float) -> np.ndarray:
    """Matches boxes to objects, the boxes with the largest scores first.

    Args:
        found: in `N` scenes.
        objects: of the same scenes.
        threshold: the smallest overlap of a match, in (0, 1].

    Returns:
        `[N, P]`, int64, the object of each box, or -1. No two boxes of a scene
        have the same object.
    """
    overlap = overlaps(found.boxes, objects.boxes)
    overlap = np.where(objects.is_there[:, np.newaxis], overlap, 0.0)
    order = np.argsort(-found.scores, axis=1, kind="stable")
    scenes = np.arange(len(order))
    matched = np.full(order.shape, -1)
    for rank in range(order.shape[1]):
        box = order[:, rank]
        best = overlap[scenes, box].argmax(1)
        is_good = overlap[scenes, box, best] >= threshold - _ROUNDING
        is_good &= found.scores[scenes, box] > 0.0
        taken = scenes[is_good]
        matched[taken, box[is_good]] = best[is_good]
        overlap[taken, :, best[is_good]] = 0.0
    return matched


def average_precision(
    scores: np.ndarray, is_matched: np.ndarray, num_objects: int
) -> float:
    """The average precision of boxes that are matched to objects.

    Args:
        scores: `[N, P]`, as in `Boxes`.
        is_matched: `[N, P]`, bool.
        num_objects: the number of objects in all scenes, at least 1.

    Returns:
        In [0, 1].
    """
    flat = scores.ravel()
    order = np.argsort(-flat, kind="stable")
    order = order[flat[order] > 0.0]
    matched = np.cumsum(is_matched.ravel()[order])
    precision = matched / np.arange(1, len(order) + 1)
    best_later = np.maximum.accumulate(precision[::-1])[::-1]
    first = np.searchsorted(matched / num_objects, _RECALLS - _ROUNDING)
    return float(np.append(best_later, 0.0)[first].mean())


def measure(found: Boxes, objects: Objects) -> dict[str, Measure]:
    """The average precision at an overlap of .5, and over `THRESHOLDS`.

    Args:
        found: in `N` scenes, at least 2.
        objects: of the same scenes, at least one in most of them.

    Returns:
        `average_precision_50` and `average_precision`, the mean over the
        overlaps .50, .55, ..., .95, with standard errors by a jackknife over
        groups of scenes.
    """
    is_matched = np.stack([matches(found, objects, t) >= 0 for t in THRESHOLDS])
    counts = objects.is_there.sum(1)

    def values(rows: np.ndarray) -> np.ndarray:
        each = [
            average_precision(
                found.scores[rows], part[rows], max(1, counts[rows].sum())
            )
            for part in is_matched
        ]
        return np.array([each[0], np.mean(each)])

    group = jackknife.groups(len(counts))
    errors = jackknife.standard_error(
        [values(group != g) for g in np.unique(group)]
    )
    return {
        name: Measure(float(value), float(error), len(counts))
        for name, value, error in zip(
            ("average_precision_50", "average_precision"),
            values(group >= 0),
            errors,
            strict=True,
        )
    }


def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[..., 2:] - boxes[..., :2], 0.0).prod(-1)
