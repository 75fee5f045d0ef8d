"""The format of sketch-rnn: steps of the pen, of many drawings in an npz."""

import os
from collections.abc import Iterable, Sequence

import numpy as np

from tfdood.files import atomic
from tfdood.vectors import simplified
from tfdood.vectors.pen_strokes import PenStroke

_SPLITS = ("train", "valid", "test")


def steps(strokes: Sequence[PenStroke]) -> np.ndarray:
    """Converts a drawing to steps of the pen.

    Args:
        strokes: in their order.

    Returns:
        `[N, 3]` int16, a row for each point of `simplified.lines`: its x and y
        minus those of the point before, from -255 to 255, and 1 for the last
        point of a stroke, else 0. The first point is relative to the corner
        (0, 0). Source: Ha and Eck, "A neural representation of sketch drawings"
        (2018), and their datasets.
    """
    points = simplified.lines(strokes)
    if not points:
        return np.zeros([0, 3], np.int16)
    moves = np.diff(np.concatenate([[[0, 0]], *points]), axis=0)
    lifts = np.zeros(len(moves))
    lifts[np.cumsum([len(line) for line in points]) - 1] = 1
    return np.column_stack([moves, lifts]).astype(np.int16)


def write(
    path: str | os.PathLike, drawings: Iterable[Sequence[PenStroke]]
) -> None:
    """Writes drawings to an npz file that sketch-rnn reads, or replaces one.

    All drawings are in the split `train`; `valid` and `test` are empty.

    Args:
        path: of the file.
        drawings: strokes of each drawing.

    Raises:
        OSError: If the file cannot be written.
    """
    found = [steps(strokes) for strokes in drawings]
    arrays = {name: np.empty(0, object) for name in _SPLITS}
    arrays["train"] = np.empty(len(found), object)
    for number, array in enumerate(found):
        arrays["train"][number] = array
    with atomic.replacing(path) as file:
        np.savez_compressed(file, **arrays)
