"""Datasets as folders of PNG files: `SPLIT/CLASS/*.png`, train and test."""

import pathlib

import numpy as np
from PIL import Image

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings
from tfdood.files import pictures


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from a folder of PNG files.

    The classes are numbered in the order of their names. All drawings of a
    dataset have one kind of paper: if the mean of their borders is light, they
    are inverted. Nothing else is changed. Behind transparent pixels lies white
    paper under dark ink, and black paper under light ink.

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
        for split in datasets.STORED_SPLITS
    }
    if not all(paths.values()):
        return None
    class_names = sorted({p.parent.name for ps in paths.values() for p in ps})
    images = {split: _images(ps) for split, ps in paths.items()}
    if _is_light(np.concatenate(list(images.values()))):
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
    image = pictures.eight_bits(image)
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


def _is_light(images: np.ndarray) -> bool:
    """Whether the borders of images `[N, H, W]` are light on average."""
    sides = images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]
    return bool(np.mean(np.concatenate([s.ravel() for s in sides])) > 127.5)
