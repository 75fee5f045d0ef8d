"""Datasets as folders of pictures: `SPLIT/CLASS/*.png`, train and test.

`tfdood.files.pictures` says which kinds of pictures there are.
"""

import pathlib
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from absl import logging
from PIL import Image

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings
from tfdood.files import pictures

_T = TypeVar("_T")


def read(folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from a folder of pictures.

    The classes are numbered in the order of their names. Behind transparent
    pixels lies white paper under dark ink, and black paper under light ink.
    Drawings on light paper are inverted, see `sources.checked`. Values of more
    than 8 bits are scaled by the largest `pictures.depth` of all pictures.
    Nothing else is changed. The log names files that are no pictures.

    Args:
        folder: holds `train` and `test`, each with one folder per class.

    Returns:
        The drawings, or `None` if a split has no such files.

    Raises:
        ValueError: If a file is damaged, or if images differ in size.
    """
    files = {
        split: [
            path
            for path in sorted((folder / split).glob("*/*"))
            if not path.match(".*") and not path.match(".*/*")
        ]
        for split in datasets.STORED_SPLITS
    }
    paths = {
        split: [path for path in inside if pictures.is_picture(path)]
        for split, inside in files.items()
    }
    if not all(paths.values()):
        return None
    _report(folder, files)
    class_names = sorted({p.parent.name for ps in paths.values() for p in ps})
    depth = max(_applied(_depth, p) for ps in paths.values() for p in ps)
    images = {split: _images(ps, depth) for split, ps in paths.items()}
    labels = {
        split: np.array([class_names.index(p.parent.name) for p in ps])
        for split, ps in paths.items()
    }
    return sources.checked(
        LocalDrawings(images, labels, tuple(class_names), folder)
    )


def _report(folder: pathlib.Path, files: dict[str, list[pathlib.Path]]) -> None:
    """Names the files that are no pictures on the log."""
    skipped = [
        str(path.relative_to(folder))
        for inside in files.values()
        for path in inside
        if not pictures.is_picture(path)
    ]
    if skipped:
        logging.warning(
            "%s: %d files are no pictures and were skipped: %s.",
            *(folder, len(skipped), ", ".join(skipped)),
        )


def _applied(function: Callable[[Image.Image], _T], path: pathlib.Path) -> _T:
    """Applies a function to the picture of a file."""
    try:
        with Image.open(path, formats=pictures.FORMATS) as file:
            return function(file)
    except Exception as error:  # Damage appears as one of a dozen types.
        raise ValueError(
            f"{path} is not a readable picture ({error}); replace it."
        ) from error


def _depth(image: Image.Image) -> int:
    """The bits of the values, see `pictures.depth`."""
    is_large = image.mode == "I" and image.getextrema()[1] >= 2**16
    if image.mode == "F" or is_large:
        raise ValueError("its values are floats, or have more than 16 bits")
    return pictures.depth(image)


def _images(paths: list[pathlib.Path], depth: int) -> np.ndarray:
    """Reads images `[N, H, W]`, which must have the same size."""
    images = []
    for path in paths:
        images.append(_applied(lambda file: _grey_values(file, depth), path))
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{path} has the size {images[-1].shape}, expected the size of "
                f"{paths[0]}, {images[0].shape}; resize it."
            )
    return np.stack(images)


def _grey_values(image: Image.Image, depth: int) -> np.ndarray:
    """Converts an image of `depth` bits to grey values `[H, W]`, uint8."""
    image = pictures.eight_bits(image, depth)
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"))
    image = image.convert("RGBA")
    grey, alpha = (
        np.asarray(x, np.float32) / 255.0
        for x in (image.convert("L"), image.getchannel("A"))
    )
    is_dark = np.sum(alpha * grey) < 0.5 * np.sum(alpha) or not alpha.any()
    over = alpha * grey + (1.0 - alpha) * np.float32(is_dark)
    return np.round(255.0 * over).astype(np.uint8)
