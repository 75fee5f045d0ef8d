"""Pen strokes of Omniglot as they were published: zip files of text files.

`strokes_background_small1.zip` and `strokes_background_small2.zip` of
github.com/brendenlake/omniglot hold one file `CLASS_DRAWER.txt` per drawing.
A line is a point, `x,-y,time`. The line BREAK ends a stroke.
"""

import pathlib
import re
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalStrokes

_ARCHIVES = "strokes_background*.zip"
_TEXT_FILE = re.compile(r"(\d+)_(\d+)\.txt$")


def read(folder: pathlib.Path) -> list[LocalStrokes] | None:
    """Reads the pen strokes from the published archives.

    Args:
        folder: of the archives.

    Returns:
        The drawings, all as recorded, or `None` if there is no archive.

    Raises:
        ValueError: If an archive is damaged, or if none holds a drawing.
    """
    archives = sorted(folder.glob(_ARCHIVES))
    if not archives:
        return None
    drawings = [row for archive in archives for row in _drawings(archive)]
    if not drawings:
        raise ValueError(
            f"{', '.join(map(str, archives))}: expected drawings named "
            "CLASS_DRAWER.txt, got none; get the archives again."
        )
    return drawings


def _drawings(path: pathlib.Path) -> Iterator[LocalStrokes]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                match = _TEXT_FILE.search(name)
                if match:
                    strokes = _strokes(archive.read(name).decode())
                    yield LocalStrokes(
                        int(match[1]), int(match[2]), strokes, exact=True
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise ValueError(
            f"{path} is not a readable archive of strokes ({error}); get it "
            "again."
        ) from error


def _strokes(text: str) -> list[np.ndarray]:
    """The strokes of a text file, `[N, 2]` each."""
    blocks = text.replace("START", "").split("BREAK")
    strokes = [[row.split(",") for row in block.split()] for block in blocks]
    points = [np.array(rows, float).reshape(-1, 3) for rows in strokes if rows]
    return [sources.image_points(stroke) for stroke in points]
