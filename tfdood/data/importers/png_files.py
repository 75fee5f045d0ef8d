"""Datasets as folders of PNG files: `train/CLASS/*.png`, `test/CLASS/*.png`."""

import pathlib

import numpy as np
from PIL import Image

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import Drawings


def read(name: str, folder: pathlib.Path) -> Drawings | None:
    """Reads a dataset from a folder of PNG files.

    Classes are numbered in the order of their names. Most of a drawing is
    paper: where the mean is above one half, the ink is black and is inverted.
    What is transparent counts as white.

    Args:
        name: of the dataset; any will do.
        folder: holds `train` and `test`, these a folder for each class.

    Returns:
        The drawings, or `None` if there are no such folders.

    Raises:
        ValueError: If a file is corrupt or its size is unlike the others'.
    """
    del name
    paths = {
        split: sorted((folder / split).glob("*/*.png"))
        for split in datasets.SPLITS
    }
    if not all(paths.values()):
        return None
    class_names = sorted({p.parent.name for ps in paths.values() for p in ps})
    images = {split: _images(ps) for split, ps in paths.items()}
    if np.mean([v.mean() for v in images.values()]) > 127.5:
        images = {split: 255 - v for split, v in images.items()}
    labels = {
        split: np.array([class_names.index(p.parent.name) for p in ps])
        for split, ps in paths.items()
    }
    found = Drawings(images, labels, tuple(class_names), folder)
    sources.check(found)
    return found


def _images(paths: list[pathlib.Path]) -> np.ndarray:
    """Images `[N, H, W]`, all of the first one's size."""
    images = []
    for path in paths:
        try:
            with Image.open(path) as file:
                images.append(_grey_values(file))
        except (
            *(OSError, SyntaxError, Image.DecompressionBombError),
        ) as error:
            raise ValueError(
                f"{path} is not a readable PNG file ({error}); replace it."
            ) from error
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{path} has the size {images[-1].shape}, {paths[0]} has "
                f"{images[0].shape}; all drawings must be of one size."
            )
    return np.stack(images)


def _grey_values(image: Image.Image) -> np.ndarray:
    """Grey values `[H, W]` in 0 .. 255."""
    if image.mode.startswith("I"):  # 16 bits
        return (np.asarray(image) // 257).astype(np.uint8)
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        image = paper
    return np.asarray(image.convert("L"))
