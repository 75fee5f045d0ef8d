"""Scalable vector graphics of a drawing: one path per stroke."""

import math
from collections.abc import Sequence
from xml.sax import saxutils

import numpy as np

from tfdood.drawing import affine as affine_lib
from tfdood.drawing.curves import bezier
from tfdood.types import Pen, Strokes

# Colours that show the order of strokes, to be passed to `to_svg`.
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
    """The vector drawing of the strokes that are present, in order.

    Each is a `<path id="stroke-T">`, T counting from 1, with round caps, the
    width of `stroke_width` and the opacity of its peak on the canvas.

    Args:
        strokes: `Strokes` of one drawing, without leading dimensions.
        pen: `Pen` of the same drawing.
        size: width and height of the picture in pixels.
        colors: CSS colours of the strokes, taken in turn.
        background: CSS colour of the canvas.
        tolerance: largest distance between a curve and its path, in image
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
    affine = affine_lib.from_layout(strokes.layout)
    curves = affine_lib.transform_points(strokes.control_points, affine).numpy()
    widths = size * stroke_width(*pen)
    opacities = _peak(pen.stroke_contrast, pen.canvas_contrast)
    paths = [
        f'<path id="stroke-{t + 1}" d="{_path_data(curve, size, tolerance)}" '
        f"stroke={saxutils.quoteattr(colors[t % len(colors)])} "
        f'stroke-width="{widths[t]:.6g}" stroke-opacity="{opacities[t]:.6g}"/>'
        for t, curve in enumerate(curves)
        if strokes.presence[t] > 0.5
    ]
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


def stroke_width(
    blur: np.ndarray, stroke_contrast: np.ndarray, canvas_contrast: np.ndarray
) -> np.ndarray:
    """The width at which the ink of a straight stroke falls to half its peak.

    At a distance d from a long line, the canvas is

        f(d) = tanh(tanh(exp(-d^2 / (2 blur^2)) / w_0) / w_1),

    with `w_0` and `w_1` the contrasts of stroke and canvas, so that

        f(d) = f(0) / 2   <=>
        d = blur sqrt(-2 log(w_0 atanh(w_1 atanh(f(0) / 2)))).

    Args:
        blur: `[...]`, in image widths.
        stroke_contrast: `[...]`.
        canvas_contrast: `[...]`, broadcast against the others.

    Returns:
        `[...]` float64, `2 d` in image widths.
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
    """Cubic Bezier pieces of a Bezier curve of any degree D.

    Each piece has the position and the velocity of the curve at both ends. Up
    to degree 3, one piece is exact. Beyond, n pieces are off by at most

        D! / (D - 4)! max_k |fourth difference_k of control_points| / (384 n^4)

    (the remainder of Hermite interpolation), and the smallest n is chosen
    which makes that no larger than the tolerance.

    Args:
        control_points: `[K, 2]`, `K >= 2`.
        tolerance: the largest distance, in the unit of the control points.

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
