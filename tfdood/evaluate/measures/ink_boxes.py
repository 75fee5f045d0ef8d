"""Boxes of ink, without learning: references for boxes of a model.

Ink is what has at least a quarter of full brightness.
"""

import numpy as np
from scipy import ndimage

from tfdood.evaluate.measures.detection import Boxes

_INK = 0.25
_LEAST_AREA = 1 / 1_024  # of a piece of ink, 4 pixels of a 64 x 64 image
_NEIGHBOURS = np.ones((3, 3), bool)


def connected(images: np.ndarray, count: int) -> Boxes:
    """The boxes of connected pieces of ink.

    Pixels that touch at a corner are connected. Smaller pieces than a
    thousandth of the image are left out.

    Args:
        images: `[N, S, S, 1]`, in [0, 1].
        count: of boxes in an image, at most; the largest pieces are kept.

    Returns:
        `[N, count]` boxes. The score is the share of the image that the ink of
        the piece covers, 0 for rows without a piece.
    """
    size = images.shape[1]
    boxes = np.zeros((len(images), count, 4), np.float32)
    scores = np.zeros((len(images), count), np.float32)
    for row, image in enumerate(images[..., 0]):
        pieces, number = ndimage.label(image >= _INK, _NEIGHBOURS)
        shares = np.bincount(pieces.ravel(), minlength=number + 1)[1:] / size**2
        largest = np.argsort(-shares, kind="stable")[:count]
        largest = largest[shares[largest] >= _LEAST_AREA]
        places = ndimage.find_objects(pieces)
        for place, piece in enumerate(largest):
            ys, xs = places[piece]
            ends = np.array([xs.start, ys.start, xs.stop, ys.stop])
            boxes[row, place] = ends / size
            scores[row, place] = shares[piece]
    return Boxes(boxes, scores)


def tightened(images: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Shrinks boxes to the ink in them.

    A pixel is in a box if its centre is.

    Args:
        images: `[N, S, S, 1]`, in [0, 1].
        boxes: `[N, P, 4]`, (x0, y0, x1, y1) in the unit square.

    Returns:
        `[N, P, 4]`, float32; boxes without ink stay as they are.
    """
    size = images.shape[1]
    centres = (np.arange(size) + 0.5) / size
    low, high = boxes[..., np.newaxis, :2], boxes[..., np.newaxis, 2:]
    # [N, P, S, 2]: whether each column and each row is in the box.
    points = np.stack([centres, centres], -1)
    is_inside = (points >= low) & (points <= high)
    has_ink = (images[..., 0] >= _INK).astype(np.float32)[:, np.newaxis]
    columns, rows = (is_inside[..., i].astype(np.float32) for i in (0, 1))
    of_columns = columns * (rows[:, :, np.newaxis] @ has_ink)[:, :, 0]
    of_rows = rows * (has_ink @ columns[..., np.newaxis])[..., 0]
    ends = []
    for ink in (of_columns > 0.0, of_rows > 0.0):
        ends.append((ink.argmax(-1), size - ink[..., ::-1].argmax(-1)))
    (x0, x1), (y0, y1) = ends
    tight = np.stack([x0, y0, x1, y1], -1) / size
    is_empty = ~(of_columns > 0.0).any(-1, keepdims=True)
    return np.where(is_empty, boxes, tight).astype(np.float32)
