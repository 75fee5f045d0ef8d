"""Pen strokes: how people drew characters of Omniglot.

The file `omniglot_strokes.npz` holds drawings of background characters:

    points         [N, 3]   x and -y in pixels of a 105 x 105 image, and time
    stroke_start   [S + 1]  the first point of each stroke, and N
    drawing_start  [D + 1]  the first stroke of each drawing, and S
    class_id       [D]      the number of the character, as in Omniglot's files
    drawer         [D]      the number of the person, 1 to 20

`python -m tfdood.data.prepare --source=DIR` writes it into the data folder.
"""

import pathlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from tfdood.data import prepared
from tfdood.files import npz

FILE = "omniglot_strokes.npz"
"""The name of the file in the data folder."""

ARRAYS = ("points", "stroke_start", "drawing_start", "class_id", "drawer")
"""The names of the arrays in the file."""

_SIZE = 105  # pixels of a published image
_LINE_WIDTH = 5  # pixels; this width agrees best with the published images
_OVERSAMPLING = 4


class PenDrawing(NamedTuple):
    """How one person drew one character.

    Attributes:
        strokes: each `[N, 2]`, points `(x, y)` in the unit square, in the
            order of drawing; a dot has one point.
        class_id: the number of the character, as in Omniglot's file names.
        drawer: the number of the person, 1 to 20.
    """

    strokes: list[np.ndarray]
    class_id: int
    drawer: int


def read(data_dir: str | None) -> list[PenDrawing]:
    """Reads all drawings from the data folder.

    Args:
        data_dir: folder of prepared datasets, or `None` for TFDS's own.

    Returns:
        The drawings, sorted by character and person. If the file repeats a
        drawing, only its last copy is returned.

    Raises:
        FileNotFoundError: If the folder does not hold the file.
        ValueError: If the file is damaged or lacks an array.
    """
    folder = pathlib.Path(data_dir or prepared.default_data_dir()).expanduser()
    path = folder / FILE
    if not path.exists():
        raise FileNotFoundError(
            f"No {FILE} in {folder}: expected the pen strokes of Omniglot. "
            "Import this file or strokes_background*.zip with python -m "
            "tfdood.data.prepare, or give its folder with --data_dir."
        )
    points, *arrays = read_arrays(path).values()
    stroke_start, drawing_start, class_id, drawer = arrays
    points = (points[:, :2] * (1.0, -1.0) + 0.5) / _SIZE
    strokes = np.split(points, stroke_start[1:-1])
    drawings = {
        (int(c), int(d)): PenDrawing(strokes[start:end], int(c), int(d))
        for start, end, c, d in zip(
            drawing_start[:-1],
            drawing_start[1:],
            class_id,
            drawer,
            strict=True,
        )
    }
    return [drawings[key] for key in sorted(drawings)]


def read_arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Reads the arrays of a file of pen strokes.

    Args:
        path: an npz file with the arrays `ARRAYS`.

    Returns:
        These arrays, in the order of `ARRAYS`.

    Raises:
        ValueError: If the file is damaged or lacks an array.
    """
    arrays = npz.read(path)
    if not arrays.keys() >= set(ARRAYS):
        raise ValueError(
            f"{path} must hold the arrays {', '.join(ARRAYS)}, got "
            f"{', '.join(arrays)}; get it again."
        )
    return {name: arrays[name] for name in ARRAYS}


def write(
    arrays: Mapping[str, np.ndarray], folder: pathlib.Path
) -> pathlib.Path:
    """Writes a file of pen strokes; an existing one is replaced at once.

    Args:
        arrays: the arrays `ARRAYS`.
        folder: the data folder.

    Returns:
        The path of the file.

    Raises:
        OSError: If the file cannot be written.
    """
    unfinished = folder / f"{FILE}.unfinished"
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return unfinished.replace(folder / FILE)


def image(drawing: PenDrawing) -> np.ndarray:
    """Draws an image in the way in which Omniglot's images were made.

    Of the pixels that have ink in this image or in the published one, 92 % have
    ink in both (mean over all drawings).

    Args:
        drawing: the drawing.

    Returns:
        `[105, 105, 1]`, uint8, white ink on black, 0 or 255.
    """
    size = _SIZE * _OVERSAMPLING
    width = _LINE_WIDTH * _OVERSAMPLING
    large = Image.new("L", (size, size))
    pen = ImageDraw.Draw(large)
    for stroke in drawing.strokes:
        points = [tuple(point) for point in (stroke * size).tolist()]
        pen.line(points, fill=255, width=width, joint="curve")
        for end in (points[0], points[-1]):
            pen.circle(end, width / 2, fill=255)
    small = large.resize((_SIZE, _SIZE), Image.Resampling.BOX)
    return (np.asarray(small)[..., np.newaxis] > 127).astype(np.uint8) * 255
