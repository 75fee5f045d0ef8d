"""Drawings as found in local files, before they are imported.

`npz_files`, `idx_files` and `png_files` each have a `read(name, folder)` that
gives these, or `None` if the folder holds no such files.
"""

import pathlib
from typing import NamedTuple

import numpy as np

from tfdood.data import datasets


class Drawings(NamedTuple):
    """Both splits of a dataset, as found in local files.

    Attributes:
        images: `[N, H, W]` uint8 of each split, white ink on black.
        labels: `[N]` int64 of each split.
        class_names: a name for each label.
        origin: the file or folder they were found in.
    """

    images: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    origin: pathlib.Path


class Runs(NamedTuple):
    """One-shot runs, as found in local files.

    Attributes:
        support: `[R, C, H, W]`, uint8, white ink on black.
        query: `[R, C, H, W]`, uint8.
        answers: `[R, C]`, int64, the index of each query's support image.
        origin: the file they were found in.
    """

    support: np.ndarray
    query: np.ndarray
    answers: np.ndarray
    origin: pathlib.Path


def check(found: Drawings) -> None:
    """Raises `ValueError` unless the arrays fit together."""
    sizes = set()
    for split in datasets.SPLITS:
        images, labels = found.images[split], found.labels[split]
        if images.ndim != 3 or images.dtype != np.uint8 or not len(images):
            raise ValueError(
                f"The {split} images of {found.origin} must be uint8 "
                f"[N, H, W] with N > 0, got {images.dtype} "
                f"{list(images.shape)}."
            )
        if images.shape[1] != images.shape[2]:
            raise ValueError(
                f"The {split} images of {found.origin} must be square, got "
                f"{images.shape[1]} x {images.shape[2]} pixels; pad them."
            )
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"The {split} labels of {found.origin} must be "
                f"[{len(images)}], one for each image, got "
                f"{list(labels.shape)}."
            )
        if labels.min() < 0 or labels.max() >= len(found.class_names):
            raise ValueError(
                f"The {split} labels of {found.origin} must lie in "
                f"0 .. {len(found.class_names) - 1}, got {labels.min()} .. "
                f"{labels.max()}."
            )
        sizes.add(images.shape[1:])
    if len(sizes) > 1:
        raise ValueError(
            f"The images of {found.origin} must be of one size, got "
            f"{sorted(sizes)}."
        )
