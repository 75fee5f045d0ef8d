"""Strokes by tracing lines, without a model."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from tfdood.drawing import tracing
from tfdood.drawing.curves import pieces
from tfdood.sketching.preparing import Prepared, View
from tfdood.vectors.drawing import VectorDrawing
from tfdood.vectors.pen_strokes import PenStroke

_RULES = tracing.Rules(
    shortest=0.03,
    longest_tip=0.08,
    reach=0.06,
    # Lines thinner than a pixel, and pale lines beside dark ones, are ink, too.
    level=0.25,
)
LEVELS = (0.5, _RULES.level)  # The width is that of the first with ink.
_NUM_CONTROL_POINTS = 4  # SVG has cubic curves.
_TOLERANCE = 0.005  # Between a line and its curve, in widths of the image.
_SHORTEST = 0.03  # Of the curves into which a line is divided.


class TracingDrawer:
    """Draws the lines of pictures: thinning and good continuation.

    Nothing is learned, see `tfdood.drawing.tracing`. The images are larger than
    those of models, so that small shapes stay apart.

    Attributes:
        view: see `drawers.Drawer`.
    """

    view: ClassVar[View] = View(200, 0.1, levels=LEVELS, darkens_thin=True)

    def draw(self, prepared: Sequence[Prepared]) -> list[VectorDrawing]:
        """See `drawers.Drawer.draw`."""
        return [traced(one) for one in prepared]


def traced(prepared: Prepared) -> VectorDrawing:
    """Draws one picture.

    Args:
        prepared: the picture.

    Returns:
        The lines, in pixels of the picture.
    """
    return of_lines(
        tracing.trace(prepared.image[..., 0], _RULES).lines, prepared
    )


def of_lines(
    lines: Sequence[np.ndarray],
    prepared: Prepared,
    unexplained: float | None = None,
) -> VectorDrawing:
    """Makes strokes of lines on the ink of a picture.

    Args:
        lines: `[N, 2]` each, points in the unit square of the image.
        prepared: the picture, with half-widths at `LEVELS`.
        unexplained: see `VectorDrawing`.

    Returns:
        The lines as cubic curves, in pixels of the picture.
    """
    place = prepared.place
    corner = np.array([place.left, place.top])
    halves = [
        (number, half)
        for number, line in enumerate(lines)
        for half in _halves(line)
    ]
    divided = pieces.divide(
        [half for _, half in halves],
        *(_NUM_CONTROL_POINTS, None, _TOLERANCE, _SHORTEST),
    )
    curves_of = [[] for _ in lines]
    for piece in divided:
        curves_of[halves[piece.line][0]].append(piece.curve)
    strokes = []
    for line, curves in zip(lines, map(np.stack, curves_of), strict=True):
        curves[1:, 0] = curves[:-1, -1]
        if np.array_equal(line[0], line[-1]):
            curves[-1, -1] = curves[0, 0]
        strokes.append(
            PenStroke(
                corner + place.side * curves,
                place.side * _width(line, prepared.half_widths),
            )
        )
    return VectorDrawing(tuple(strokes), place.width, place.height, unexplained)


def _halves(line: np.ndarray) -> list[np.ndarray]:
    """Both halves of a ring: one curve would have a corner where it closes."""
    far = np.linalg.norm(line - line[0], axis=1)
    if far[-1] or not far.any():
        return [line]
    at = far.argmax()
    return [line[: at + 1], line[at:]]


def _width(line: np.ndarray, half_widths: np.ndarray) -> float:
    """The width of the ink along a line, in widths of the image.

    Args:
        line: `[N, 2]`, points in the unit square.
        half_widths: `[L, S, S]`, see `line_width.half_widths`; those of higher
            levels come first.

    Returns:
        The median width of the pixels on the line, at the highest level at
        which they are ink; a pixel if they are not.
    """
    size = half_widths.shape[-1]
    columns, rows = np.clip((line.T * size).astype(int), 0, size - 1)
    halves = np.median(half_widths[:, rows, columns], -1)
    return 2.0 * float(next(filter(None, halves), 0.5 / size))
