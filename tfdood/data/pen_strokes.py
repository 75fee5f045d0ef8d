"""Pen strokes: how people drew characters of Omniglot, with the images.

The file `omniglot_strokes.npz` holds drawings of background characters, sorted
by character and person:

    points         [N, 2]     x and y in the unit square, float32
    stroke_start   [S + 1]    the first point of each stroke, and N
    drawing_start  [D + 1]    the first stroke of each drawing, and S
    class_id       [D]        the number of the character, as in file names
    drawer         [D]        the number of the person, 1 to 20
    exact          [D]        whether the strokes are as recorded
    images         [D, 1379]  the published images, 1 bit per pixel, 1 is ink

`x` points to the right and `y` points down; pixel `i` of an image of `n` pixels
has its centre at `(i + 0.5) / n`. Strokes that are not exact were recovered
from a simplified copy. `python -m tfdood.data.prepare` writes the file into the
data folder.
"""

import pathlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfdood.data import prepared
from tfdood.data.importers import npz_files
from tfdood.files import atomic, digests, npz

FILE = "omniglot_strokes.npz"
"""The name of the file in the data folder."""

ARRAYS = (
    *("points", "stroke_start", "drawing_start"),
    *("class_id", "drawer", "exact", "images"),
)
"""The names of the arrays in the file."""

IMAGE_SIZE = 105
"""The height and width of the published images, in pixels."""


class PenDrawing(NamedTuple):
    """How one person drew one character.

    Attributes:
        strokes: each `[N, 2]`, points `(x, y)` in the unit square, in the
            order of drawing; a dot has one point.
        class_id: the number of the character, as in Omniglot's file names.
        drawer: the number of the person, 1 to 20.
        exact: whether the strokes are as recorded; others were recovered from
            a simplified copy.
        packed_image: `[1379]`, uint8, the published image, see `images`.
    """

    strokes: list[np.ndarray]
    class_id: int
    drawer: int
    exact: bool
    packed_image: np.ndarray


def images(drawings: Sequence[PenDrawing]) -> np.ndarray:
    """The published images of drawings.

    Args:
        drawings: at least one.

    Returns:
        `[N, 105, 105, 1]`, uint8, white ink on black, 0 or 255.
    """
    packed = np.stack([drawing.packed_image for drawing in drawings])
    return npz_files.unpack_bits(packed, (IMAGE_SIZE, IMAGE_SIZE))[..., None]


def read(data_dir: str | None) -> list[PenDrawing]:
    """Reads all drawings from the data folder.

    Args:
        data_dir: folder of prepared datasets, or `None` for TFDS's own.

    Returns:
        The drawings, sorted by character and person.

    Raises:
        FileNotFoundError: If the folder does not hold the file.
        ValueError: If the file is damaged or lacks an array.
    """
    path = _path(data_dir)
    advice = "make it again with python -m tfdood.data.prepare --source=DIR"
    arrays = npz.read(path, ARRAYS, advice)
    strokes = np.split(arrays["points"], arrays["stroke_start"][1:-1])
    starts = arrays["drawing_start"]
    return [
        PenDrawing(
            strokes[start:end], int(class_id), int(drawer), bool(exact), image
        )
        for start, end, class_id, drawer, exact, image in zip(
            starts[:-1],
            starts[1:],
            *(arrays[k] for k in ARRAYS[3:]),
            strict=True,
        )
    ]


def describe(data_dir: str | None) -> str:
    """Describes the file of pen strokes: files of equal phrases are equal.

    Args:
        data_dir: as in `read`.

    Raises:
        FileNotFoundError: If the folder does not hold the file.
    """
    return digests.of_file(_path(data_dir))


def _path(data_dir: str | None) -> pathlib.Path:
    folder = pathlib.Path(prepared.data_folder(data_dir))
    path = folder / FILE
    if not path.exists():
        raise FileNotFoundError(
            f"No {FILE} in {folder}: expected the pen strokes of Omniglot. "
            "Import them with python -m tfdood.data.prepare --source=DIR, or "
            "give their folder with --data_dir."
        )
    return path


def write(drawings: Sequence[PenDrawing], folder: pathlib.Path) -> pathlib.Path:
    """Writes the file of pen strokes; an existing one is replaced at once.

    Args:
        drawings: at least one.
        folder: the data folder.

    Returns:
        The path of the file.

    Raises:
        OSError: If the file cannot be written.
    """
    drawings = sorted(drawings, key=lambda d: (d.class_id, d.drawer))
    strokes, class_id, drawer, exact, packed = zip(*drawings, strict=True)
    flat = [stroke for own in strokes for stroke in own]
    arrays = {
        "points": np.concatenate(flat).astype(np.float32),
        "stroke_start": np.cumsum([0, *map(len, flat)]),
        "drawing_start": np.cumsum([0, *map(len, strokes)]),
        "class_id": np.array(class_id),
        "drawer": np.array(drawer),
        "exact": np.array(exact),
        "images": np.stack(packed),
    }
    with atomic.replacing(folder / FILE) as file:
        np.savez_compressed(file, **arrays)
    return folder / FILE
