"""The colours of all figures, as `#rrggbb`."""

import numpy as np
from PIL import ImageColor

from tfdood.vectors import svg

STROKES = svg.ORDER_COLORS
"""Tells strokes or clusters apart; taken in turn, the same as of SVG files."""

NEW_INK = STROKES[1]
"""Of what was added to a drawing."""

BACKGROUND, TEXT = "#303038", "#ebebeb"
"""Of sheets around drawings, which are white ink on black."""


def stroke(number: int) -> str:
    """The colour of a stroke.

    Args:
        number: of the stroke, at least 0.
    """
    return STROKES[number % len(STROKES)]


def rgb(colour: str) -> np.ndarray:
    """A colour as numbers.

    Args:
        colour: `#rrggbb`.

    Returns:
        `[3]`: red, green and blue in [0, 1].
    """
    return np.array(ImageColor.getrgb(colour)) / 255.0
