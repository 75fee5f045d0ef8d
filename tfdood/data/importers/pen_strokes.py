"""How people drew characters of Omniglot: the published pen strokes.

An npz file holds drawings of the background characters: `points` `[N, 3]` (x,
-y in pixels of 105 x 105, time), `stroke_start` and `drawing_start`, the first
row of each stroke and the first stroke of each drawing, both with one further
number that ends the last, `class_id` and `drawer`. It is made of what is
published, `strokes_background_small1.zip` and `strokes_background_small2.zip`
of github.com/brendenlake/omniglot, in which `CLASS_DRAWER.txt` has a line for
each point, `x,y,time`, and one that says BREAK after each stroke.
"""

import pathlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from tfdood.data import prepared
from tfdood.files import npz

FILE = "omniglot_strokes.npz"

_SOURCES = (FILE, "omniglot_strokes_small1_small2.npz")
_ARCHIVES = "strokes_background*.zip"
_TEXT = re.compile(r"(\d+)_(\d+)\.txt$")
_SIZE = 105  # pixels of the published images
_LINE_WIDTH = 5  # of these, with which drawings look most like the images
_FINER = 4
_ARRAYS = ("points", "stroke_start", "drawing_start", "class_id", "drawer")


class PenDrawing(NamedTuple):
    """How one person drew one character.

    Attributes:
        strokes: each `[N, 2]`, `(x, y)` in the unit square, in the order of
            time; a dot has one point.
        class_id: of the character, as in Omniglot's file names.
        drawer: of 20.
    """

    strokes: list[np.ndarray]
    class_id: int
    drawer: int


def read(data_dir: str | None) -> list[PenDrawing]:
    """Reads the drawings, each of them once.

    Args:
        data_dir: folder of the file, or None for that of prepared datasets.

    Raises:
        FileNotFoundError: If the file is not there.
        ValueError: If it is not what its name promises.
    """
    folder = pathlib.Path(data_dir or prepared.default_data_dir()).expanduser()
    path = folder / FILE
    if not path.exists():
        raise FileNotFoundError(
            f"No {FILE} in {folder}: it holds the pen strokes of Omniglot, "
            f"which images lack. Import it, or {_ARCHIVES}, with python -m "
            "tfdood.data.prepare, or name its folder with --data_dir."
        )
    points, *arrays = _checked(path).values()
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


def find(source: pathlib.Path) -> dict[str, np.ndarray] | None:
    """What the npz file is to hold, of a folder of local files.

    Args:
        source: with an npz file, or else the published archives.

    Returns:
        The arrays, or None if there is neither.

    Raises:
        ValueError: If a file is not what its name promises.
    """
    for name in _SOURCES:
        if (source / name).exists():
            return _checked(source / name)
    archives = sorted(source.glob(_ARCHIVES))
    if not archives:
        return None
    drawings = [row for archive in archives for row in _read_archive(archive)]
    if not drawings:
        raise ValueError(
            f"{', '.join(map(str, archives))}: expected drawings named "
            "CLASS_DRAWER.txt, got none; fetch the archives again."
        )
    class_id, drawer, strokes = zip(*drawings, strict=True)
    flat = [stroke for own in strokes for stroke in own]
    return {
        "points": np.concatenate(flat).astype(np.float32),
        "stroke_start": np.cumsum([0, *map(len, flat)]),
        "drawing_start": np.cumsum([0, *map(len, strokes)]),
        "class_id": np.array(class_id),
        "drawer": np.array(drawer),
    }


def _checked(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays of the npz file, in the order of `_ARRAYS`."""
    arrays = npz.read(path)
    if not arrays.keys() >= set(_ARRAYS):
        raise ValueError(
            f"{path} must hold the arrays {', '.join(_ARRAYS)}, got "
            f"{', '.join(arrays)}."
        )
    return {name: arrays[name] for name in _ARRAYS}


def _read_archive(
    path: pathlib.Path,
) -> Iterator[tuple[int, int, list[np.ndarray]]]:
    """Class, drawer and strokes, `[N, 3]` each, of each drawing."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                match = _TEXT.search(name)
                if match:
                    strokes = _strokes(archive.read(name).decode())
                    yield int(match[1]), int(match[2]), strokes
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise ValueError(
            f"{path} is not a readable archive of strokes ({error}); get it "
            "again."
        ) from error


def _strokes(text: str) -> list[np.ndarray]:
    """The strokes of a file, `[N, 3]` each."""
    blocks = text.replace("START", "").split("BREAK")
    strokes = [[row.split(",") for row in block.split()] for block in blocks]
    return [np.array(rows, float).reshape(-1, 3) for rows in strokes if rows]


def image(drawing: PenDrawing) -> np.ndarray:
    """The image of a drawing, as Omniglot's images were made.

    It agrees with the published one in 94 % of the pixels that either inks.

    Returns:
        `[105, 105, 1]` uint8, white ink on black.
    """
    size = _SIZE * _FINER
    width = _LINE_WIDTH * _FINER
    large = Image.new("L", (size, size))
    pen = ImageDraw.Draw(large)
    for stroke in drawing.strokes:
        points = [tuple(point) for point in (stroke * size).tolist()]
        pen.line(points, fill=255, width=width, joint="curve")
        for end in (points[0], points[-1]):
            pen.circle(end, width / 2, fill=255)
    small = large.resize((_SIZE, _SIZE), Image.Resampling.BOX)
    return (np.asarray(small)[..., np.newaxis] > 127).astype(np.uint8) * 255
