"""People's strokes as B-splines, from which models learn how people draw.

`pen_strokes` has the strokes as points. Here each stroke is the spline with the
fewest control points that is near enough (`bspline.minimal`): its mean squared
distance from the points, one each pixel, is less than 0.7 square pixels.
Source: GNS (Feinman and Lake, 2021), App. A.1; the residual is that of their
code. They left out small strokes, shorter than a length that they do not give.
Here all strokes are kept, because dots are parts of characters.

Few drawings have very many strokes, or very long ones. They are left out, so
that arrays are not mostly padding.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.types import SplineStrokes

RESIDUAL = 0.7
"""The mean squared distance that is near enough, in square pixels."""

MOST_STROKES = 10
"""Of a drawing, `T`. GNS samples as many at most."""

MOST_CONTROL_POINTS = 24
"""Of a stroke, `N`. One stroke in 786 has more."""


class StrokeSet(NamedTuple):
    """Drawings of Omniglot with the strokes of the people who drew them.

    `alphabets.of_classes(class_names)[labels]` are their alphabets, and
    `(num_control_points > 0).sum(-1)` are their numbers of strokes.

    Attributes:
        control_points: `[D, T, N, 2]`, see `types.SplineStrokes`.
        num_control_points: `[D, T]`, see `types.SplineStrokes`.
        images: `[D, 105, 105, 1]`, uint8, white ink on black.
        labels: `[D]`, int64, the characters, indices into `class_names`.
        exact: `[D]`, bool, whether the strokes are as recorded; others were
            recovered from a simplified copy.
        class_names: the names of all characters of Omniglot.
        source: a phrase that says where the drawings were read from.
        is_sample: whether they are the embedded sample.
    """

    control_points: np.ndarray
    num_control_points: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    exact: np.ndarray
    class_names: tuple[str, ...]
    source: str
    is_sample: bool


def fit(drawings: Sequence[Sequence[np.ndarray]]) -> list[list[np.ndarray]]:
    """Fits minimal splines to the strokes of drawings.

    Args:
        drawings: the strokes of each, `[n, 2]`, points in the unit square.

    Returns:
        The strokes of each drawing: control points `[n, 2]`, in pixels.
    """
    lines = [
        stroke.astype(float) * splat_canvases.IMAGE_SIZE
        for strokes in drawings
        for stroke in strokes
    ]
    splines = iter(bspline.minimal(lines, pixel=1.0, residual=RESIDUAL))
    return [[next(splines) for _ in strokes] for strokes in drawings]


def are_few(num_control_points: Sequence[int]) -> bool:
    """Whether a drawing fits into padded arrays.

    Args:
        num_control_points: of each stroke of the drawing.
    """
    return (
        len(num_control_points) <= MOST_STROKES
        and max(num_control_points) <= MOST_CONTROL_POINTS
    )


def padded(
    control_points: Sequence[np.ndarray],
    num_control_points: Sequence[np.ndarray],
) -> SplineStrokes:
    """Fills up the strokes of drawings to arrays of one shape.

    Args:
        control_points: of each drawing, `[P, 2]`, stroke after stroke.
        num_control_points: of each drawing, `[S]`, of its strokes. `are_few` is
            true of each.

    Returns:
        Arrays with the leading dimension `D`.
    """
    shape = len(control_points), MOST_STROKES, MOST_CONTROL_POINTS
    numbers = np.zeros(shape[:2], np.int32)
    for row, own in enumerate(num_control_points):
        numbers[row, : len(own)] = own
    is_point = np.arange(MOST_CONTROL_POINTS) < numbers[..., np.newaxis]
    filled = np.zeros([*shape, 2], np.float32)
    filled[is_point] = np.concatenate(control_points)
    return SplineStrokes(filled, numbers)
