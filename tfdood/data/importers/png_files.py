"""Datasets as folders of PNG files: `SPLIT/CLASS/*.png`, train and test."""

import pathlib

import numpy as np
from PIL import Image

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from a folder of PNG files.

    The classes are numbered in the order of their names. If the mean of all
    pixels is above one half, the drawings are taken to be black ink on white
    paper and are inverted. Transparent pixels are white.

    Args:
        name: not used; the other readers of local files need it.
        folder: holds `train` and `test`, each with one folder per class.

    Returns:
        The drawings, or `None` if a split has no such files.

    Raises:
        ValueError: If a file is damaged, or if images differ in size.
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
    found = LocalDrawings(images, labels, tuple(class_names), folder)
    sources.check(found)
    return found


def _images(paths: list[pathlib.Path]) -> np.ndarray:
    """Reads images `[N, H, W]`, which must have the same size."""
    images = []
    for path in paths:
        try:
            with Image.open(path) as file:
                images.append(_grey_values(file))
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(
                f"{path} is not a readable PNG file ({error}); replace it."
            ) from error
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{path} has the size {images[-1].shape}, expected the size of "
                f"{paths[0]}, {images[0].shape}; resize it."
            )
    return np.stack(images)


def _grey_values(image: Image.Image) -> np.ndarray:
    """Converts an image to grey values `[H, W]`, uint8."""
    if image.mode.startswith("I"):  # 16 bits
        return (np.asarray(image) // 257).astype(np.uint8)
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        image = paper
    return np.asarray(image.convert("L"))
