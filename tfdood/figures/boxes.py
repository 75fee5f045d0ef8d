"""Images with the outlines of boxes."""

from collections.abc import Sequence

import numpy as np

from tfdood.figures import overlays

_CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3), (0, 1))  # of (x0, y0, x1, y1)


def boxed(
    images: np.ndarray,
    boxes: np.ndarray,
    is_there: np.ndarray,
    texts: Sequence[str] = (),
) -> list[np.ndarray]:
    """Outlines boxes on images.

    Args:
        images: `[N, S, S, 1 or 3]`, in [0, 1].
        boxes: `[N or more, P, 4]`, (x0, y0, x1, y1) in the unit square; each
            gets a dot at the top left. Those of further images are ignored.
        is_there: `[N, P]`, bool; other boxes are not drawn.
        texts: written on the images; none by default.

    Returns:
        `N` tiles `[150, 150, 3]`, for `sheet`.
    """
    corners = boxes[..., np.array(_CORNERS)]  # [N, P, 5, 2]
    return [
        overlays.overlay(
            image,
            list(corners[row, is_there[row]]),
            text=texts[row] if texts else "",
            is_dimmed=False,
        )
        for row, image in enumerate(images)
    ]
