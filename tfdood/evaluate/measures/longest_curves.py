"""How well a few curves draw: errors of the longest curves of parses."""

import numpy as np

from tfdood.drawing.curves import polylines
from tfdood.parsing.base import Parses
from tfdood.saved.exported import ExportedModel
from tfdood.types import Pen, Strokes

_ROWS_A_CALL = 256


def errors(
    model: ExportedModel, parses: Parses, images: np.ndarray
) -> np.ndarray:
    """Errors of a pixel if only the longest curves of a parse are drawn.

    Curves count, and not strokes: a stroke of a tracer is a chain of curves.
    So parsers are compared at equal numbers of control points.

    Args:
        model: whose strokes they are.
        parses: leading dimension `[N]`.
        images: `[N, S, S, 1]` in [0, 1].

    Returns:
        `[N, T]`, the mean absolute error with 1 to `T` curves; a parse with
        fewer curves keeps its last error.
    """
    strokes, pen = _longest_first(parses)
    inputs = {**strokes._asdict(), **pen._asdict()}
    found = []
    for start in range(0, len(images), _ROWS_A_CALL):
        rows = slice(start, start + _ROWS_A_CALL)
        canvases = model.run_all(
            "render",
            outputs=("canvases",),
            **{name: x[rows] for name, x in inputs.items()},
        )["canvases"]  # [n, T, S, S, 1]
        differences = np.abs(canvases - images[rows, np.newaxis])
        found.append(differences.mean((2, 3, 4)))
    return np.concatenate(found)


def _longest_first(parses: Parses) -> tuple[Strokes, Pen]:
    """The same curves in another order; those that are not drawn at the end."""
    placed = parses.on_canvas().strokes
    lengths = np.array(
        [
            [polylines.lengths(curve)[-1] for curve in curves]
            for curves in np.asarray(placed.control_points)
        ]
    )  # Of control polygons, [N, T].
    lengths[np.asarray(placed.presence) < 0.5] = -1.0
    order = np.argsort(-lengths, 1, kind="stable")

    def sorted_by_length(x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        return np.take_along_axis(
            x, order.reshape(order.shape + (1,) * (x.ndim - 2)), 1
        )

    strokes = Strokes(*map(sorted_by_length, parses.strokes))
    blur, stroke_contrast = map(sorted_by_length, parses.pen[:2])
    return strokes, Pen(blur, stroke_contrast, parses.pen.canvas_contrast)
