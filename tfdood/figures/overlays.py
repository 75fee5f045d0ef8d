"""Enlarged images with curves and text over them: the tiles of sheets."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from tfdood.figures import palette

TILE = 150
"""Width and height of a tile in pixels."""

_DIM = 0.35  # brightness of ink below curves
_LINE_WIDTH, _DOT_RADIUS = 2, 3  # pixels
_TEXT_SIZE = 11


def overlay(
    image: np.ndarray,
    curves: Sequence[np.ndarray] = (),
    colours: Sequence[str] = palette.STROKES,
    text: str = "",
    *,
    is_dimmed: bool = True,
) -> np.ndarray:
    """Draws curves over an image, with a dot where each of them starts.

    Args:
        image: `[S, S, 1]`, or `[S, S, 3]` for colours, in [0, 1]. Its pixels
            are enlarged without smoothing.
        curves: each `[N, 2]`, `(x, y)` in the unit square.
        colours: of the curves, taken in turn.
        text: written at the bottom.
        is_dimmed: whether the image below curves is darker than it is.

    Returns:
        `[150, 150, 3]` in [0, 1].
    """
    brightness = _DIM if is_dimmed and len(curves) else 1.0
    pixels = np.round(np.clip(image, 0.0, 1.0) * (255.0 * brightness))
    pixels = np.broadcast_to(pixels.astype(np.uint8), [*image.shape[:2], 3])
    tile = Image.fromarray(pixels)
    tile = tile.resize((TILE, TILE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(tile)
    for number, curve in enumerate(curves):
        colour = colours[number % len(colours)]
        points = [tuple(point) for point in (curve * TILE).tolist()]
        pen.line(points, fill=colour, width=_LINE_WIDTH, joint="curve")
        pen.circle(points[0], _DOT_RADIUS, fill=colour)
    pen.text(
        (3, TILE - _TEXT_SIZE - 3),
        text,
        fill=palette.TEXT,
        font_size=_TEXT_SIZE,
    )
    return np.asarray(tile) / 255.0
