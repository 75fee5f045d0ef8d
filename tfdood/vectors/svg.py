"""Scalable vector graphics (SVG) of a drawing, with one path per stroke."""

import math
from collections.abc import Sequence
from xml.sax import saxutils

import numpy as np

from tfdood.drawing.curves import bernstein, polylines
from tfdood.vectors.pen_strokes import PenStroke

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
"""Colours of strokes in their order."""

_SHORTEST = 0.15  # Seconds that a stroke takes at least.
_STYLE = """<style>
@keyframes tfdood-draw {
  from { stroke-dashoffset: 1; opacity: 0 } 1% { opacity: 1 }
}
.tfdood-animated path {
  stroke-dasharray: 1; animation: tfdood-draw linear backwards
}
@media (prefers-reduced-motion) { .tfdood-animated path { animation: none } }
</style>"""


def write(
    strokes: Sequence[PenStroke],
    width: float,
    height: float,
    colors: Sequence[str] = ("black",),
    paper: str = "white",
    animate: bool = False,
    tolerance: float = 0.02,
) -> str:
    """Writes strokes as an SVG document.

    Stroke T is a `<path id="stroke-T">`, where T counts from 1, with round
    caps.

    Args:
        strokes: in their order.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        colors: CSS colours of the strokes; they repeat if there are more
            strokes.
        paper: CSS colour of the paper; `none` for a transparent picture.
        animate: whether viewers draw the strokes one after the other, at one
            longer side of the picture a second. The animation is CSS, without a
            script; a viewer that does not know it shows all strokes.
        tolerance: the largest distance between a curve and its path, in pixels.

    Returns:
        An SVG document.
    """
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">'
    ]
    if animate:
        lines.append(_STYLE)
    if paper != "none":
        fill = saxutils.quoteattr(paper)
        lines.append(f'<rect width="100%" height="100%" fill={fill}/>')
    kind = ' class="tfdood-animated"' if animate else ""
    lines.append(
        f'<g{kind} fill="none" stroke-linecap="round" stroke-linejoin="round">'
    )
    timing = _timing(strokes, max(width, height)) if animate else None
    for number, stroke in enumerate(strokes):
        lines.append(
            f'<path id="stroke-{number + 1}" '
            f'd="{_path_data(stroke.curves, tolerance)}" '
            f"stroke={saxutils.quoteattr(colors[number % len(colors)])} "
            f'stroke-width="{stroke.width:.6g}" '
            f'stroke-opacity="{stroke.opacity:.6g}"'
            f"{timing[number] if timing else ''}/>"
        )
    return "\n".join([*lines, "</g>", "</svg>", ""])


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
    velocity = bernstein.values(degree, num_knots) @ velocity
    knots = bernstein.values(degree + 1, num_knots) @ control_points
    arm = velocity / (3.0 * num_pieces)  # [n + 1, 2]
    return np.stack(
        [knots[:-1], knots[:-1] + arm[:-1], knots[1:] - arm[1:], knots[1:]], 1
    )


def _timing(strokes: Sequence[PenStroke], longer_side: float) -> list[str]:
    """When each path is drawn, as attributes."""
    attributes, start = [], 0.0
    for stroke in strokes:
        length = polylines.lengths(stroke.points())[-1]
        duration = max(_SHORTEST, length / longer_side)
        attributes.append(
            f' pathLength="1" style="animation-delay:{start:.2f}s;'
            f'animation-duration:{duration:.2f}s"'
        )
        start += duration
    return attributes


def _path_data(curves: np.ndarray, tolerance: float) -> str:
    parts, end = [], None
    for curve in curves:
        pieces = piecewise_cubic(curve, tolerance)  # [n, 4, 2]
        start = _format(pieces[0, :1])
        if start != end:
            parts.append(f"{'L' if parts else 'M'} {start}")
        parts.append("C " + " ".join(_format(piece[1:]) for piece in pieces))
        end = _format(pieces[-1, 3:])
    return " ".join(parts)


def _format(points: np.ndarray) -> str:
    return " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
