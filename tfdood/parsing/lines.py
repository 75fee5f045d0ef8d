"""The lines of the pen on the canvas, from parses."""

from collections.abc import Sequence

import numpy as np

from tfdood.drawing.curves import bezier, bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.parsing import splines
from tfdood.parsing.base import Parses
from tfdood.types import SplineStrokes

_NUM_POINTS = 100


def of_strokes(
    parses: Parses | splines.SplineParses,
) -> list[list[np.ndarray]]:
    """The lines of the strokes that are drawn, in their order.

    Args:
        parses: with leading dimension `[N]`.

    Returns:
        Of each parse its lines: `[100 L, 2]` points on the canvas for a chain
        of `L` curves, `[100, 2]` for a spline.
    """
    if isinstance(parses, splines.SplineParses):
        return of_splines(parses.strokes)
    strokes = parses.on_canvas().strokes
    points = bezier.curve_points(strokes.control_points, _NUM_POINTS).numpy()
    return [
        _joined(points[row, is_drawn], parses.chains[row, is_drawn])
        for row, is_drawn in enumerate(strokes.presence > 0.5)
    ]


def of_splines(strokes: SplineStrokes) -> list[list[np.ndarray]]:
    """The lines of strokes that are splines, in their order.

    Args:
        strokes: in pixels, with leading dimension `[N]`.

    Returns:
        Of each drawing its lines, `[100, 2]` points on the canvas.
    """
    return [
        [
            bspline.basis(number, _NUM_POINTS)
            @ stroke[:number]
            / splat_canvases.IMAGE_SIZE
            for stroke, number in zip(points, numbers, strict=True)
            if number
        ]
        for points, numbers in zip(*strokes, strict=True)
    ]


def packed(drawings: Sequence[Sequence[np.ndarray]]) -> dict[str, np.ndarray]:
    """Puts the lines of drawings into arrays, for a file.

    Args:
        drawings: of each its lines, as of `of_strokes`.

    Returns:
        `points` `[P, 2]` of all lines, `lengths` `[L]`, the points of each
        line, and `counts` `[N]`, the lines of each drawing.
    """
    every = [line for drawing in drawings for line in drawing]
    return {
        "points": np.concatenate([np.zeros([0, 2]), *every]),
        "lengths": np.array([len(line) for line in every], np.int64),
        "counts": np.array([len(drawing) for drawing in drawings], np.int64),
    }


def unpacked(
    points: np.ndarray, lengths: np.ndarray, counts: np.ndarray
) -> list[list[np.ndarray]]:
    """Reads the lines that `packed` put into arrays, see there."""
    every = iter(np.split(points, np.cumsum(lengths)[:-1]))
    return [[next(every) for _ in range(count)] for count in counts]


def _joined(points: np.ndarray, chain: np.ndarray) -> list[np.ndarray]:
    """Joins successive curves `[T, 100, 2]` with equal numbers `[T]`."""
    starts = np.flatnonzero(np.diff(chain)) + 1
    parts = np.split(points, starts) if len(points) else []
    return [part.reshape(-1, 2) for part in parts]
