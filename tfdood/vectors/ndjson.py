"""The format of the Quick, Draw! dataset: one drawing a line, as JSON."""

import json
from collections.abc import Sequence

from tfdood.vectors import simplified
from tfdood.vectors.pen_strokes import PenStroke


def write(strokes: Sequence[PenStroke], word: str = "") -> str:
    """Writes a drawing as Quick, Draw! stores its simplified drawings.

    Args:
        strokes: in their order.
        word: what the drawing shows, or its name.

    Returns:
        One line of JSON with a line feed at its end: `word`, and `drawing`, for
        each stroke the list of its x and that of its y, from 0 to 255 (see
        `simplified.lines`).
    """
    drawing = [line.T.tolist() for line in simplified.lines(strokes)]
    return json.dumps({"word": word, "drawing": drawing}) + "\n"
