"""Files of pen strokes of made-up characters."""

import numpy as np

from tfdood.data import pen_strokes

_FIRST_CLASS = 108  # of Balinese


def write(folder, num_classes, num_drawers):
    """Writes characters of one to three strokes; drawers differ a little.

    Every other drawing is as recorded. The image is one pixel of ink, whose
    place says which drawing it is.

    Args:
        folder: the data folder.
        num_classes: of characters; all of Balinese, for testing.
        num_drawers: of each.
    """
    rng = np.random.default_rng(2)
    drawings = []
    for class_id in range(_FIRST_CLASS, _FIRST_CLASS + num_classes):
        own = rng.uniform(0.2, 0.8, [1 + class_id % 3, 2, 2])
        for drawer in range(1, num_drawers + 1):
            ink = np.arange(105 * 105) == len(drawings)
            drawings.append(
                pen_strokes.PenDrawing(
                    [
                        np.linspace(*(x + rng.normal(0, 0.005, [2, 2])), 7)
                        for x in own
                    ],
                    class_id,
                    drawer,
                    len(drawings) % 2 == 0,
                    np.packbits(ink),
                )
            )
    pen_strokes.write(drawings, folder)
