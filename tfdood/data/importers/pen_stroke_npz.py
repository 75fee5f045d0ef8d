"""Pen strokes of Omniglot as npz files.

`points[stroke_start[k] : stroke_start[k + 1]]` is stroke `k`; drawing `i` has
the strokes `drawing_start[i]` to `drawing_start[i + 1] - 1`, by the person
`drawer[i]`, of the character `class_id[i]`. Two files are known:

- `omniglot_strokes_background.npz`: `points` times `unit` are pixels, `y`
  downwards, and pixel `i` has its centre at `i + 0.5`; `exact` says whether
  strokes are as recorded, or were recovered from a simplified copy.
- `omniglot_strokes_small1_small2.npz`: `points` are `x`, `-y` and time as they
  were recorded, where pixel `i` has its centre at `i`.
"""

import pathlib

import numpy as np

from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalStrokes
from tfdood.files import npz

FILES = (
    "omniglot_strokes_background.npz",
    "omniglot_strokes_small1_small2.npz",
)
"""The names of the files, the one of all alphabets first."""

_ARRAYS = ("points", "stroke_start", "drawing_start", "class_id", "drawer")


def read(folder: pathlib.Path) -> list[LocalStrokes] | None:
    """Reads the pen strokes from an npz file.

    Args:
        folder: of the file; the one of all alphabets comes first.

    Returns:
        The drawings, or `None` if there is no such file.

    Raises:
        ValueError: If the file is damaged, lacks an array, or has arrays of
            wrong shapes, points that are not finite, or starts that do not
            rise.
    """
    for name, more in zip(FILES, (("unit", "exact"), ()), strict=True):
        if (folder / name).exists():
            arrays = npz.read(folder / name, (*_ARRAYS, *more))
            _check(folder / name, arrays)
            return _drawings(arrays)
    return None


def _check(path: pathlib.Path, arrays: dict[str, np.ndarray]) -> None:
    shape = arrays["points"].shape
    if len(shape) != 2 or shape[1] < 2:
        raise ValueError(
            f"{path} must hold points [N, 2] or more columns, got the shape "
            f"{list(shape)}; get it again."
        )
    if not np.all(np.isfinite(arrays["points"])):
        raise ValueError(
            f"{path} has points that are not finite numbers; get it again."
        )
    count = len(arrays["drawing_start"]) - 1
    for name in ("class_id", "drawer", "exact"):
        if len(arrays.get(name, range(count))) != count:
            raise ValueError(
                f"{path} has {count} drawings by drawing_start and "
                f"{len(arrays[name])} by {name}; get it again."
            )
    num_strokes = len(arrays["stroke_start"]) - 1
    _check_starts(path, "stroke_start", arrays, len(arrays["points"]))
    _check_starts(path, "drawing_start", arrays, num_strokes)


def _check_starts(
    path: pathlib.Path, name: str, arrays: dict[str, np.ndarray], end: int
) -> None:
    starts = arrays[name].astype(np.int64)
    is_right = len(starts) > 0 and starts[0] == 0 and starts[-1] == end
    if not is_right or np.any(np.diff(starts) < 1):
        raise ValueError(
            f"{path} must have a {name} that rises from 0 to {end} without "
            "repetition; get it again."
        )


def _drawings(arrays: dict[str, np.ndarray]) -> list[LocalStrokes]:
    if "unit" in arrays:
        points = arrays["points"][:, :2] * np.float64(arrays["unit"])
        exact = arrays["exact"]
    else:
        points = sources.image_points(arrays["points"])
        exact = np.ones(len(arrays["drawer"]), bool)
    strokes = np.split(points, arrays["stroke_start"][1:-1])
    starts = arrays["drawing_start"]
    numbers = arrays["class_id"], arrays["drawer"], exact
    return [
        LocalStrokes(int(class_id), int(drawer), strokes[a:b], bool(is_exact))
        for a, b, class_id, drawer, is_exact in zip(
            starts[:-1], starts[1:], *numbers, strict=True
        )
    ]
