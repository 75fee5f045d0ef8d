"""Polygonal lines as JSON, in pixels of the picture."""

import json
from collections.abc import Sequence

from tfdood.vectors.pen_strokes import PenStroke


def write(
    strokes: Sequence[PenStroke],
    width: float,
    height: float,
    spacing: float = 1.0,
) -> str:
    """Writes strokes as a JSON object.

    Args:
        strokes: in their order.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        spacing: the largest distance between points of a stroke, in pixels.

    Returns:
        `{"width": ..., "height": ..., "strokes": [{"points": [[x, y], ...],
        "width": ..., "opacity": ...}, ...]}` with a line feed at its end.
    """
    return (
        json.dumps(
            {
                "width": width,
                "height": height,
                "strokes": [
                    {
                        "points": stroke.points(spacing).round(3).tolist(),
                        "width": round(stroke.width, 3),
                        "opacity": round(stroke.opacity, 3),
                    }
                    for stroke in strokes
                ],
            }
        )
        + "\n"
    )
