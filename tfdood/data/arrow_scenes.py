"""Arrow-like scenes: three solids and an arrow that points at one of them.

The file `arrow_like.npz`, which `tools/arrow_like.py` renders, holds them; its
docstring lists the arrays. They are like the ARROW scenes of GNM (Jiang and
Ahn, 2020), whose images are not published, and not the same.
"""

import pathlib

import numpy as np

from tfdood.data import prepared, resizing, validation
from tfdood.data.scenes import SceneSet
from tfdood.files import npz

FILE = "arrow_like.npz"
"""The name of the file in the data folder, and in the embedded sample."""

SHAPES = ("cube", "sphere", "cylinder", "arrow")
"""The classes of objects; an arrangement is named by the solid alone."""

_SAMPLE = pathlib.Path(__file__).parent / "sample" / FILE
_ARRAYS = ("images", "boxes", "shapes")


def find(data_dir: str | None) -> pathlib.Path | None:
    """Finds the file in the data folder.

    Args:
        data_dir: the folder, or `None` for TFDS's own.

    Returns:
        Its path; None if the folder does not hold it.
    """
    folder = pathlib.Path(prepared.data_folder(data_dir))
    return folder / FILE if (folder / FILE).exists() else None


def read(split: str, image_size: int, path: pathlib.Path | None) -> SceneSet:
    """Reads a split of the scenes.

    Args:
        split: `train`, `validation` or `test`. The validation scenes are a
            tenth of the rendered training scenes, see `data.validation`.
        image_size: height and width of the images in pixels.
        path: of the file; None for the embedded sample.

    Returns:
        A `SceneSet` with images `[N, S, S, 3]`; labels are indices into
        `SHAPES`, and kinds say which solid has a shape of its own.

    Raises:
        ValueError: If the file is damaged or lacks an array.
    """
    part = "test" if split == "test" else "train"
    names = [f"{part}_{name}" for name in _ARRAYS]
    advice = "render it again with python -m tools.arrow_like"
    arrays = npz.read(path or _SAMPLE, names, advice)
    images, boxes, shapes = (arrays[name] for name in names)
    is_chosen = np.ones(len(images), bool)
    if split != "test":
        is_chosen = validation.is_of(len(images), split)
    shapes = shapes[is_chosen].astype(np.int64)
    return SceneSet(
        images=resizing.resize(images[is_chosen], image_size),
        boxes=boxes[is_chosen],
        labels=shapes,
        kinds=_single(shapes),
        kind_names=SHAPES[:3],
        source=f"{'sample of ' * (path is None)}Arrow-like scenes "
        f"({len(shapes):,} {split})",
        is_sample=path is None,
    )


def _single(shapes: np.ndarray) -> np.ndarray:
    """The shape `[N]` that only one of the first three objects has."""
    solids = shapes[:, :3, np.newaxis] == np.arange(3)
    return (solids.sum(1) == 1).argmax(1)
