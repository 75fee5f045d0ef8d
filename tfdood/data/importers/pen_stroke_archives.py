"""Pen strokes of Omniglot as they were published: zip files of text files.

`strokes_background.zip` of github.com/brendenlake/omniglot, or its parts
`strokes_background_small1.zip` and `strokes_background_small2.zip`, hold one
file `CLASS_DRAWER.txt` per drawing.
A line is a point, `x,-y,time`. The line BREAK ends a stroke.
"""

import pathlib
import re
import zipfile
from collections.abc import Iterator

import numpy as np

from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalStrokes
from tfdood.data.pen_strokes import IMAGE_SIZE

_ARCHIVES = "strokes_background*.zip"
_FARTHEST = 2 * IMAGE_SIZE  # The published ones are up to 119 pixels away.
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
                if match and "/." not in name:
                    strokes = _strokes(name, archive.read(name).decode())
                    yield LocalStrokes(
                        int(match[1]), int(match[2]), strokes, exact=True
                    )
    except OSError:
        raise
    except Exception as error:  # Damage appears as one of a dozen types.
        raise ValueError(
            f"{path} is not a readable archive of strokes ({error}); get it "
            "again."
        ) from error


def _strokes(name: str, text: str) -> list[np.ndarray]:
    """The strokes of a text file, `[N, 2]` each."""
    strokes: list[list[np.ndarray]] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() == "BREAK":
            strokes.append([])
        elif line.strip() not in ("", "START"):
            strokes[-1].append(_point(f"{name}, line {number}", line.strip()))
    strokes = [np.stack(points) for points in strokes if points]
    if not strokes:
        raise ValueError(f"{name} has no points")
    return [sources.image_points(stroke) for stroke in strokes]


def _point(place: str, line: str) -> np.ndarray:
    """Reads `x,-y,time`; `[3]`."""
    try:
        point = np.array(line.split(","), float)
    except ValueError:
        point = np.empty(0)
    if point.shape != (3,) or not np.isfinite(point).all():
        raise ValueError(
            f"{place}: expected three numbers x,-y,time, got {line[:40]!r}"
        )
    if np.abs(point[:2]).max() > _FARTHEST:
        raise ValueError(
            f"{place}: expected a point at most {_FARTHEST} pixels from the "
            f"corner of the image, got {line[:40]!r}"
        )
    return point
