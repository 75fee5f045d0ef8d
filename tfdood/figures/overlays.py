"""Curves in colours over images, as tiles of `figures.sheet`."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from tfdood.drawing import svg

COLOURS = svg.ORDER_COLORS
UNMATCHED = "#b0b0b0"

_TILE = 150  # pixels
_DIM = 0.35  # brightness of ink below curves
_TEXT = (235, 235, 235)


def overlay(
    image: np.ndarray,
    curves: Sequence[np.ndarray] = (),
    colours: Sequence[str] = COLOURS,
    text: str = "",
) -> np.ndarray:
    """Draws curves over an image, with a dot where each of them starts.

    Args:
        image: `[S, S, 1]` in [0, 1]; dimmed if there are curves.
        curves: each `[N, 2]`, `(x, y)` in the unit square.
        colours: of the curves, taken in turn.
        text: written at the bottom.

    Returns:
        `[150, 150, 3]` in [0, 1].
    """
    brightness = 255.0 * (_DIM if len(curves) else 1.0)
    grey = np.round(np.clip(image[..., 0], 0.0, 1.0) * brightness)
    tile = Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    tile = tile.resize((_TILE, _TILE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(tile)
    for number, curve in enumerate(curves):
        colour = colours[number % len(colours)]
        points = [tuple(point) for point in (curve * _TILE).tolist()]
        pen.line(points, fill=colour, width=2, joint="curve")
        pen.circle(points[0], 3, fill=colour)
    pen.text((3, _TILE - 14), text, fill=_TEXT, font_size=11)
    return np.asarray(tile) / 255.0
