"""Pen strokes of Omniglot as they were published: zip files of text files.

`strokes_background_small1.zip` and `strokes_background_small2.zip` of
github.com/brendenlake/omniglot hold one file `CLASS_DRAWER.txt` per drawing.
A line is a point, `x,y,time`. The line BREAK ends a stroke.

An npz file, `omniglot_strokes.npz` or `omniglot_strokes_small1_small2.npz`,
may take the place of the archives (`tfdood.data.pen_strokes` describes it).
"""

import pathlib
import re
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from tfdood.data import pen_strokes

_NPZ_FILES = (pen_strokes.FILE, "omniglot_strokes_small1_small2.npz")
_ARCHIVES = "strokes_background*.zip"
_TEXT_FILE = re.compile(r"(\d+)_(\d+)\.txt$")


def read(folder: pathlib.Path) -> dict[str, np.ndarray] | None:
    """Reads the pen strokes from a folder of local files.

    Args:
        folder: holds one of the npz files or at least one of the archives.

    Returns:
        The arrays `pen_strokes.ARRAYS`, or `None` if there is no such file.

    Raises:
        ValueError: If a file is damaged, or if the archives hold no drawings.
    """
    for name in _NPZ_FILES:
        if (folder / name).exists():
            return pen_strokes.read_arrays(folder / name)
    archives = sorted(folder.glob(_ARCHIVES))
    if not archives:
        return None
    drawings = [row for archive in archives for row in _drawings(archive)]
    if not drawings:
        raise ValueError(
            f"{', '.join(map(str, archives))}: expected drawings named "
            "CLASS_DRAWER.txt, got none; get the archives again."
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


def _drawings(
    path: pathlib.Path,
) -> Iterator[tuple[int, int, list[np.ndarray]]]:
    """Class, drawer and strokes, `[N, 3]` each, of each drawing."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                match = _TEXT_FILE.search(name)
                if match:
                    strokes = _strokes(archive.read(name).decode())
                    yield int(match[1]), int(match[2]), strokes
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise ValueError(
            f"{path} is not a readable archive of strokes ({error}); get it "
            "again."
        ) from error


def _strokes(text: str) -> list[np.ndarray]:
    """The strokes of a text file, `[N, 3]` each."""
    blocks = text.replace("START", "").split("BREAK")
    strokes = [[row.split(",") for row in block.split()] for block in blocks]
    return [np.array(rows, float).reshape(-1, 3) for rows in strokes if rows]
