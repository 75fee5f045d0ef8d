"""Records of drawings that were read from local files.

`npz_files`, `idx_files`, `bitmap_files` and `omniglot_archives` each have a
function `read(name, folder)`, and `picture_files` has `read(folder)`. It
returns such a record, or `None` if the folder does not have the files.
"""

import pathlib
from typing import NamedTuple

import numpy as np
from absl import logging

from tfdood.data import datasets

INVERTED = "%s has black ink on white paper; its drawings are inverted."
"""What the log says of a file or folder that was inverted."""


class LocalDrawings(NamedTuple):
    """Both splits of a dataset, read from local files.

    Attributes:
        images: for each split, `[N, H, W]`, uint8, white ink on black.
        labels: for each split, `[N]`, int64, indices into `class_names`.
        class_names: the name of each label.
        origin: the file or folder that was read.
    """

    images: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    class_names: tuple[str, ...]
    origin: pathlib.Path


class LocalRuns(NamedTuple):
    """One-shot runs, read from a local file.

    Attributes:
        support: `[R, C, H, W]`, uint8, white ink on black.
        query: `[R, C, H, W]`, uint8, white ink on black.
        answers: `[R, C]`, int64, the index of each query's support image.
        origin: the file that was read.
    """

    support: np.ndarray
    query: np.ndarray
    answers: np.ndarray
    origin: pathlib.Path


class LocalStrokes(NamedTuple):
    """The pen strokes of one drawing of Omniglot, read from a local file.

    Attributes:
        class_id: the number of the character, as in Omniglot's file names.
        drawer: the number of the person, 1 to 20.
        strokes: each `[N, 2]`, points `(x, y)` in pixels of the 105 x 105
            image, `y` downwards; pixel `i` has its centre at `i + 0.5`.
        exact: whether the strokes are as recorded.
    """

    class_id: int
    drawer: int
    strokes: list[np.ndarray]
    exact: bool


def image_points(points: np.ndarray) -> np.ndarray:
    """Puts recorded points where the images have their ink.

    Args:
        points: `[N, 2+]`, `x` and `-y` in pixels as they were published, where
            whole numbers are centres of pixels.

    Returns:
        `[N, 2]`, see `LocalStrokes`.
    """
    return points[:, :2] * (1.0, -1.0) + 0.5


def checked(found: LocalDrawings) -> LocalDrawings:
    """Checks drawings from local files, and makes their ink white.

    Args:
        found: the drawings, of either polarity.

    Returns:
        The drawings, white ink on black. If they were inverted, the log says
        so.

    Raises:
        ValueError: If images are not square uint8 images of one size with
            values up to 255, or if the labels do not fit the images or the
            class names.
    """
    _check(found)
    if not is_light(*found.images.values()):
        return found
    logging.warning(INVERTED, found.origin)
    return found._replace(images={k: 255 - v for k, v in found.images.items()})


def is_light(*images: np.ndarray) -> bool:
    """Whether the paper of a dataset is light.

    All drawings of a dataset have one kind of paper, and most of what lies at
    their borders is paper.

    Args:
        *images: each `[N, H, W]`, uint8.

    Returns:
        Whether the mean over the borders of all images is above 127.5.
    """
    sides = [
        side.ravel()
        for part in images
        for side in (part[:, 0], part[:, -1], part[:, :, 0], part[:, :, -1])
    ]
    return bool(np.mean(np.concatenate(sides)) > 127.5)


def _check(found: LocalDrawings) -> None:
    """Checks types, shapes and values."""
    sizes = set()
    for split in datasets.STORED_SPLITS:
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
                f"{images.shape[1]} x {images.shape[2]} pixels; pad the images."
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
        if images.max() == 1:
            raise ValueError(
                f"The {split} images of {found.origin} have only values up to "
                "1, expected 0 to 255; multiply them by 255."
            )
        sizes.add(images.shape[1:])
    if len(sizes) > 1:
        raise ValueError(
            f"The images of {found.origin} must have one size, got "
            f"{sorted(sizes)}; resize the images of one split."
        )
