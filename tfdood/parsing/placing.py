"""From lines of points on the canvas to the strokes and the pen of a model."""

import numpy as np

from tfdood.drawing.curves import fitting
from tfdood.types import Pen, Strokes
from tfdood.vectors import pen_strokes

_EXTENT = 0.65  # of a stroke in its own frame, about as recognition networks do
_SMALLEST = 0.2  # scale of a frame
_STROKE_CONTRAST, _CANVAS_CONTRAST = 0.6, 0.4  # as pens of trained models
_THINNEST = 0.01
_EMPTY = (0.0, 0.0, 1.0, 0.0)  # the layout of a stroke that is not drawn


def strokes(
    lines: list[list[np.ndarray]], num_strokes: int, num_control_points: int
) -> Strokes:
    """Fits a Bezier curve to each line, in an upright frame of its own.

    The frame is about the middle of the curve. Its size is such that the
    control points span 0.65 of it, but at least 0.2 canvas widths.

    Args:
        lines: of each of `N` drawings, at most `T` lines: `[M, 2]` points
            `(x, y)` in the unit square each.
        num_strokes: `T`.
        num_control_points: `K`, at least 2.

    Returns:
        `Strokes` with leading dimension `[N]`.
    """
    presence = np.zeros([len(lines), num_strokes], np.float32)
    layout = np.tile(np.float32(_EMPTY), [*presence.shape, 1])
    points = np.full([*presence.shape, num_control_points, 2], 0.5, np.float32)
    for row, of_drawing in enumerate(lines):
        for number, line in enumerate(of_drawing):
            presence[row, number] = 1.0
            layout[row, number], points[row, number] = _placed(
                fitting.fit(line, num_control_points)
            )
    return Strokes(presence, layout, points)


def _placed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The layout `[4]` and the points `[K, 2]` in that frame."""
    low, high = points.min(0), points.max(0)
    centre = (low + high) / 2.0
    scale = max(float((high - low).max()) / _EXTENT, _SMALLEST)
    layout = np.array([*(2.0 * centre - 1.0), scale, 0.0])
    return layout, (points - centre) / scale + 0.5


def pen(widths: np.ndarray, layout: np.ndarray, stroke_frame: str) -> Pen:
    """The pen that draws lines of given widths, see `stroke_width`.

    Its contrasts are 0.6 of a stroke and 0.4 of the canvas.

    Args:
        widths: `[N]`, of the lines of each drawing, in canvas widths; smaller
            ones than 0.01 are taken as 0.01.
        layout: `[N, T, 4]`, of the strokes.
        stroke_frame: the unit of blurs, see `base.Parses`.

    Returns:
        `Pen` with leading dimension `[N]`.
    """
    width_of_1 = pen_strokes.stroke_width(
        np.ones(()), _STROKE_CONTRAST, _CANVAS_CONTRAST
    )
    blur = np.maximum(widths, _THINNEST) / width_of_1
    blur = np.repeat(blur[:, np.newaxis], layout.shape[1], 1)
    if stroke_frame == "glimpse":
        blur = blur / layout[..., 2]
    return Pen(
        blur.astype(np.float32),
        np.full_like(blur, _STROKE_CONTRAST, np.float32),
        np.full(len(blur), _CANVAS_CONTRAST, np.float32),
    )
