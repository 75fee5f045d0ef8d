"""Scalable vector graphics (SVG) of a drawing, with one path per stroke."""

import math
from collections.abc import Sequence
from xml.sax import saxutils

import numpy as np

from tfdood.drawing import canvas
from tfdood.drawing.curves import bezier
from tfdood.types import Pen, Strokes

# Colours of the strokes in their order; pass them to `to_svg` as `colors`.
ORDER_COLORS = (
    "#4e79a7",
    "#f28e2b",
    "#e15759",
    "#76b7b2",
    "#59a14f",
    "#edc948",
    "#b07aa1",
    "#ff9da7",
    "#9c755f",
    "#bab0ac",
)


def to_svg(
    strokes: Strokes,
    pen: Pen,
    size: float = 200.0,
    colors: Sequence[str] = ("white",),
    background: str = "black",
    tolerance: float = 1e-4,
) -> str:
    """Draws the present strokes, in their order, as an SVG document.

    Stroke T is a `<path id="stroke-T">`, where T counts from 1, with round
    caps. Its width is `stroke_width`; its opacity is its peak on the canvas.

    Args:
        strokes: `Strokes` of one drawing, without leading dimensions.
        pen: `Pen` of the same drawing.
        size: width and height of the picture in pixels.
        colors: CSS colours of the strokes; they repeat if there are more
            strokes.
        background: CSS colour of the canvas.
        tolerance: largest distance between a curve and its path, in canvas
            widths.

    Returns:
        An SVG document.

    Raises:
        ValueError: If the strokes have leading dimensions.
    """
    if np.ndim(strokes.presence) != 1:
        raise ValueError(
            "to_svg draws one drawing, with presence of shape [T], got shape "
            f"{np.shape(strokes.presence)}; index the leading dimensions."
        )
    paths = _paths(strokes, pen, size, colors, tolerance)
    return _document(paths, size, background)


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
    half = 0.5 * _peak(stroke_contrast, canvas_contrast)
    half = canvas_contrast * np.arctanh(half)
    half = stroke_contrast * np.arctanh(half)
    return 2.0 * np.asarray(blur) * np.sqrt(-2.0 * np.log(half))


def piecewise_cubic(
    control_points: np.ndarray, tolerance: float = 1e-4
) -> np.ndarray:
    """Approximates a Bezier curve of any degree D by cubic Bezier pieces.

    Each piece has the position and the velocity of the curve at both ends. Up
    to degree 3, one piece is exact. For a higher degree, the distance between
    n pieces and the curve is at most

        D! / (D - 4)! max_k |fourth difference_k of control_points| / (384 n^4)

    (the remainder of Hermite interpolation). The function takes the smallest n
    for which this bound is within the tolerance.

    Args:
        control_points: `[K, 2]`, `K >= 2`.
        tolerance: largest distance, in the unit of the control points.

    Returns:
        `[n, 4, 2]` float64, the control points of the pieces.
    """
    control_points = np.asarray(control_points, np.float64)
    degree = len(control_points) - 1
    num_pieces = 1
    if degree > 3:
        differences = np.diff(control_points, 4, axis=0)  # [K - 4, 2]
        bound = np.linalg.norm(differences, axis=-1).max()
        bound *= math.perm(degree, 4) / 384.0
        num_pieces = max(1, math.ceil((bound / tolerance) ** 0.25))
    num_knots = num_pieces + 1
    velocity = degree * np.diff(control_points, axis=0)  # [K - 1, 2]
    velocity = bezier.bernstein_basis(degree, num_knots) @ velocity
    knots = bezier.bernstein_basis(degree + 1, num_knots) @ control_points
    arm = velocity / (3.0 * num_pieces)  # [n + 1, 2]
    return np.stack(
        [knots[:-1], knots[:-1] + arm[:-1], knots[1:] - arm[1:], knots[1:]], 1
    )


def _paths(
    strokes: Strokes,
    pen: Pen,
    size: float,
    colors: Sequence[str],
    tolerance: float,
) -> list[str]:
    """Returns the `<path>` elements of the present strokes."""
    curves = canvas.place(strokes.layout, strokes.control_points).numpy()
    widths = size * stroke_width(*pen)
    opacities = _peak(pen.stroke_contrast, pen.canvas_contrast)
    return [
        f'<path id="stroke-{t + 1}" d="{_path_data(curve, size, tolerance)}" '
        f"stroke={saxutils.quoteattr(colors[t % len(colors)])} "
        f'stroke-width="{widths[t]:.6g}" stroke-opacity="{opacities[t]:.6g}"/>'
        for t, curve in enumerate(curves)
        if strokes.presence[t] > 0.5
    ]


def _document(paths: Sequence[str], size: float, background: str) -> str:
    """Returns the document that shows `<path>` elements on a background."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size:g}" '
            f'height="{size:g}" viewBox="0 0 {size:g} {size:g}">',
            f'<rect width="100%" height="100%" '
            f"fill={saxutils.quoteattr(background)}/>",
            '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
            *paths,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _peak(
    stroke_contrast: np.ndarray, canvas_contrast: np.ndarray
) -> np.ndarray:
    return np.tanh(np.tanh(1.0 / stroke_contrast) / canvas_contrast)


def _path_data(curve: np.ndarray, size: float, tolerance: float) -> str:
    pieces = size * piecewise_cubic(curve, tolerance)  # [n, 4, 2]
    start = _format(pieces[0, :1])
    return f"M {start} C " + " ".join(_format(piece[1:]) for piece in pieces)


def _format(points: np.ndarray) -> str:
    return " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
