"""Omniglot's published images by character and drawer.

Prepared datasets do not say who drew an image. These files do:

- `omniglot.npz` (see `npz_files`), with `background_drawer` `[N]`, from 1;
- `images_background*.zip` of github.com/brendenlake/omniglot, which hold one
  file `CLASS_DRAWER.png` per drawing, black ink on white.
"""

import pathlib
import re
import zipfile

import numpy as np

from tfdood.data.importers import omniglot_archives
from tfdood.files import npz

_NPZ_FILE, _ARCHIVES = "omniglot.npz", "images_background*.zip"
_ARRAYS = tuple(
    f"background_{name}" for name in ("class_id", "drawer", "images_packed")
)
_PNG_FILE = re.compile(r"(\d+)_(\d+)\.png$")


def read(folder: pathlib.Path) -> dict[tuple[int, int], np.ndarray]:
    """Reads the images of background characters.

    Args:
        folder: of `omniglot.npz`, which may also lie in `folder/omniglot`, or
            of the published archives.

    Returns:
        By `(class_id, drawer)`, `[1379]`, uint8: the 105 x 105 image with 1 bit
        per pixel, 1 is ink.

    Raises:
        FileNotFoundError: If the folder has none of these files.
        ValueError: If a file is damaged or lacks an array.
    """
    archives = sorted(folder.glob(_ARCHIVES))
    for path in (folder / _NPZ_FILE, folder / "omniglot" / _NPZ_FILE):
        if path.exists() and (_says_who_drew(path) or not archives):
            return _of_arrays(path)
    if not archives:
        raise FileNotFoundError(
            f"No images of the drawings whose pen strokes are in {folder}: "
            f"expected {_NPZ_FILE} or {_ARCHIVES} beside the strokes; put one "
            "of them there."
        )
    return {k: v for path in archives for k, v in _of_archive(path).items()}


def _says_who_drew(path: pathlib.Path) -> bool:
    """Whether a file has the array of drawers, which images do not need."""
    try:
        with np.load(path) as arrays:
            return "background_drawer" in arrays
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return True  # `_of_arrays` says what is wrong.


def _of_arrays(path: pathlib.Path) -> dict[tuple[int, int], np.ndarray]:
    arrays = npz.read(path, _ARRAYS, "add them")
    class_id, drawer, packed = (arrays[name] for name in _ARRAYS)
    keys = zip(class_id.tolist(), drawer.tolist(), strict=True)
    return dict(zip(keys, packed, strict=True))


def _of_archive(path: pathlib.Path) -> dict[tuple[int, int], np.ndarray]:
    return {
        (int(match[1]), int(match[2])): np.packbits(ink.ravel())
        for file, ink in omniglot_archives.inked(path)
        if (match := _PNG_FILE.search(file))
    }
