"""What the pen draws between touching the paper and leaving it."""

import dataclasses
import math

import numpy as np

from tfdood.drawing.curves import bernstein


@dataclasses.dataclass(frozen=True)
class PenStroke:
    """One stroke of a pen: a chain of Bezier curves.

    Attributes:
        curves: `[N, K, 2]`, the control points `(x, y)` of each curve, in
            pixels of the picture, x to the right and y down. The pen goes
            straight from the end of a curve to the start of the next one.
        width: of the line, in pixels.
        opacity: of the line, in (0, 1].
    """

    curves: np.ndarray
    width: float
    opacity: float = 1.0

    def points(self, spacing: float = 1.0) -> np.ndarray:
        """Points along the stroke.

        Args:
            spacing: the largest distance between neighbours on a curve, in
                pixels.

        Returns:
            `[M, 2]` float64, from the start to the end of the stroke; a stroke
            without length has one point.

        Raises:
            ValueError: If the spacing is not above 0.
        """
        if not spacing > 0.0:
            raise ValueError(f"A spacing is above 0, got {spacing}.")
        parts = [_points(curve, spacing) for curve in self.curves]
        points = np.concatenate(parts)
        is_new = np.any(np.diff(points, axis=0) != 0.0, axis=-1)
        return points[np.append(True, is_new)]


def _points(curve: np.ndarray, spacing: float) -> np.ndarray:
    # No part of the curve is faster than its longest arm.
    speed = (len(curve) - 1) * np.linalg.norm(
        np.diff(curve, axis=0), axis=-1
    ).max(initial=0.0)
    steps = max(1, math.ceil(speed / spacing))
    return bernstein.values(len(curve), steps + 1) @ curve


def stroke_width(
    blur: np.ndarray, stroke_contrast: np.ndarray, canvas_contrast: np.ndarray
) -> np.ndarray:
    """Computes the width of a straight stroke at half of its peak.

    The canvas at a distance d from a long line is

        f(d) = tanh(tanh(exp(-d^2 / (2 blur^2)) / w_0) / w_1),

    where `w_0` is the contrast of the stroke and `w_1` that of the canvas. So

        f(d) = f(0) / 2   <=>
        d = blur sqrt(-2 log(w_0 atanh(w_1 atanh(f(0) / 2)))).

    Args:
        blur: `[...]`, in canvas widths.
        stroke_contrast: `[...]`.
        canvas_contrast: `[...]`; all three are broadcast.

    Returns:
        `[...]` float64, `2 d`, in canvas widths.
    """
    stroke_contrast = np.asarray(stroke_contrast, np.float64)
    canvas_contrast = np.asarray(canvas_contrast, np.float64)
    half = 0.5 * peak(stroke_contrast, canvas_contrast)
    half = canvas_contrast * np.arctanh(half)
    half = stroke_contrast * np.arctanh(half)
    return 2.0 * np.asarray(blur) * np.sqrt(-2.0 * np.log(half))


def peak(
    stroke_contrast: np.ndarray, canvas_contrast: np.ndarray
) -> np.ndarray:
    """Computes how bright the canvas is on a stroke.

    Args:
        stroke_contrast: `[...]`.
        canvas_contrast: `[...]`; both are broadcast.

    Returns:
        `[...]` in (0, 1).
    """
    return np.tanh(np.tanh(1.0 / stroke_contrast) / canvas_contrast)
