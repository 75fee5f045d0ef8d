"""Datasets as npz files, with the array names of Keras.

`NAME.npz` of most datasets:

    x_train, x_test  [N, H, W]  uint8, upright, of either polarity
    y_train, y_test  [N]        labels
    class_names      [classes]  names of the labels (optional)

KMNIST was published as four files, `kmnist-train-imgs.npz`,
`kmnist-train-labels.npz` and the same of `test`, with one array `arr_0` each.

`omniglot.npz`, where PART is `background` (train) or `evaluation` (test):

    image_shape            [2]     (H, W) of the images in pixels
    PART_images_packed     [N, *]  1 bit per pixel, 1 is ink
    PART_class_id          [N]     number of the character, from 1
    PART_alphabet          [N]     index into PART_alphabet_names
    PART_character         [N]     number of the character in its alphabet
    PART_alphabet_names    [alphabets]

`omniglot_oneshot.npz`:

    support, query  [R, C, H, W]  1 is ink, 0 is paper
    query_label     [R, C]        index of the support image of each query
"""

import pathlib
from typing import NoReturn

import numpy as np
from absl import logging

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings
from tfdood.files import npz

# Images and labels of each split, and the class names.
_Parts = tuple[dict[str, np.ndarray], dict[str, np.ndarray], tuple[str, ...]]

_PUBLISHED = "kmnist-{}-{}.npz"
_OTHER_NAMES = {"emnist": "emnist_balanced", "quickdraw": "quickdraw10"}


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from its npz file, or KMNIST from the published four.

    Args:
        name: one of `datasets.NAMES`.
        folder: the folder of the file.

    Returns:
        The drawings, or `None` if there is no such file.

    Raises:
        ValueError: If the file is damaged, or if its arrays are missing or
            wrong.
    """
    path = _path(name, folder)
    if path is None:
        return _published(name, folder)
    arrays = _Arrays(path)
    is_omniglot = name == "omniglot"
    parts = _omniglot(arrays) if is_omniglot else _labelled_images(name, arrays)
    return sources.checked(LocalDrawings(*parts, path))


def read_one_shot(folder: pathlib.Path) -> sources.LocalRuns | None:
    """Reads the one-shot runs from their npz file.

    Args:
        folder: the folder of the file.

    Returns:
        The runs, or `None` if there is no such file.

    Raises:
        ValueError: If the file is damaged, or if its arrays are missing or
            wrong.
    """
    path = _path(datasets.ONE_SHOT, folder)
    if path is None:
        return None
    arrays = _Arrays(path)
    support, query = arrays["support"], arrays["query"]
    answers = arrays["query_label"].astype(np.int64)
    if support.ndim != 4 or not (
        support.shape == query.shape and answers.shape == query.shape[:2]
    ):
        raise ValueError(
            f"{path} must hold support and query [R, C, H, W] and query_label "
            f"[R, C], got {list(support.shape)}, {list(query.shape)} and "
            f"{list(answers.shape)}."
        )
    for images in (support, query):
        if not np.isin(images, (0, 1)).all():
            raise ValueError(
                f"The images of {path} must have 1 for ink and 0 for paper, "
                f"got values from {images.min()} to {images.max()}."
            )
    if answers.min() < 0 or answers.max() >= support.shape[1]:
        raise ValueError(
            f"The query_label of {path} must lie in 0 .. "
            f"{support.shape[1] - 1}, got {answers.min()} .. {answers.max()}."
        )
    support, query = _ink(support), _ink(query)
    if sources.is_light(*support, *query):
        logging.warning(sources.INVERTED, path)
        support, query = 255 - support, 255 - query
    return sources.LocalRuns(support, query, answers, path)


def unpack_bits(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Unpacks images that are stored with 1 bit per pixel, where 1 is ink.

    Args:
        packed: `[N, ceil(H * W / 8)]`, uint8.
        shape: `(H, W)` in pixels.

    Returns:
        `[N, H, W]`, uint8, 255 for ink and 0 for paper.

    Raises:
        ValueError: If `packed` has another shape or type.
    """
    num_pixels = shape[0] * shape[1]
    expected = -(-num_pixels // 8)
    if packed.dtype != np.uint8 or packed.shape[1:] != (expected,):
        raise ValueError(
            f"Images of {shape[0]} x {shape[1]} bits must be packed as uint8 "
            f"[N, {expected}], got {packed.dtype} {list(packed.shape)}."
        )
    bits = np.unpackbits(packed, axis=1, count=num_pixels)
    return _ink(bits.reshape(-1, *shape))


def file_names(name: str) -> tuple[str, ...]:
    """The names that the npz file of a dataset may have.

    Args:
        name: one of `datasets.NAMES`, or `datasets.ONE_SHOT`.

    Returns:
        One or two file names.
    """
    stems = (name, *filter(None, [_OTHER_NAMES.get(name)]))
    return tuple(f"{stem}.npz" for stem in stems)


def _published(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """KMNIST from its published files."""
    if name != "kmnist":
        return None
    files = {
        (split, kind): folder / _PUBLISHED.format(split, kind)
        for split in datasets.STORED_SPLITS
        for kind in ("imgs", "labels")
    }
    missing = [path.name for path in files.values() if not path.exists()]
    if len(missing) == len(files):
        return None
    if missing:
        raise ValueError(
            f"{folder} has files of KMNIST, but lacks {', '.join(missing)}; "
            "images and labels of both splits are needed, in four files."
        )
    arrays = {key: _Arrays(path)["arr_0"] for key, path in files.items()}
    images = {split: arrays[split, "imgs"] for split in datasets.STORED_SPLITS}
    labels = {
        split: arrays[split, "labels"].astype(np.int64)
        for split in datasets.STORED_SPLITS
    }
    class_names = datasets.dataset(name).class_names
    return sources.checked(LocalDrawings(images, labels, class_names, folder))


def _path(name: str, folder: pathlib.Path) -> pathlib.Path | None:
    paths = (folder / file for file in file_names(name))
    return next((path for path in paths if path.exists()), None)


def _ink(bits: np.ndarray) -> np.ndarray:
    return bits.astype(np.uint8) * np.uint8(255)


class _Arrays(dict):
    """The arrays of an npz file; a missing one raises a readable error."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__(npz.read(path))
        self.path = path

    def __missing__(self, key: str) -> NoReturn:
        raise ValueError(
            f"{self.path} must hold the array {key!r}, got only "
            f"{', '.join(self)}; add the array."
        )


def _labelled_images(name: str, arrays: _Arrays) -> _Parts:
    class_names = datasets.dataset(name).class_names
    if "class_names" in arrays:
        class_names = tuple(
            name.replace("_", " ")
            for name in arrays["class_names"].astype(str).tolist()
        )
    images = {split: arrays[f"x_{split}"] for split in datasets.STORED_SPLITS}
    labels = {
        split: _whole_numbers(arrays, f"y_{split}")
        for split in datasets.STORED_SPLITS
    }
    return images, labels, class_names


def _whole_numbers(arrays: _Arrays, name: str) -> np.ndarray:
    labels = arrays[name]
    is_number = labels.dtype.kind in "buif"
    if not is_number or not np.all(np.mod(labels, 1) == 0):
        raise ValueError(
            f"{arrays.path} must have whole numbers of classes in {name}, "
            f"got others, of {labels.dtype}; number the classes from 0."
        )
    return labels.astype(np.int64)


def _omniglot(arrays: _Arrays) -> _Parts:
    images, labels, class_names = {}, {}, {}
    shape = tuple(int(n) for n in np.ravel(arrays["image_shape"]))
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(
            f"{arrays.path} must hold an image_shape (H, W), got {shape}."
        )
    for split, part in (("train", "background"), ("test", "evaluation")):
        try:
            images[split] = unpack_bits(arrays[f"{part}_images_packed"], shape)
        except ValueError as error:
            raise ValueError(f"{arrays.path}: {error}") from error
        numbers = [
            arrays[f"{part}_{column}"].astype(np.int64)
            for column in ("class_id", "alphabet", "character")
        ]
        counts = [column.shape for column in numbers]
        if set(counts) != {images[split].shape[:1]}:
            raise ValueError(
                f"{arrays.path} must hold a class_id, an alphabet and a "
                f"character for each of {len(images[split])} images of "
                f"{part}, got arrays of the shapes {counts}."
            )
        labels[split] = numbers[0] - 1
        alphabets = arrays[f"{part}_alphabet_names"].astype(str)
        for class_id, alphabet, character in zip(*numbers, strict=True):
            if not 0 <= alphabet < len(alphabets):
                raise ValueError(
                    f"{arrays.path}: {part}_alphabet must lie in 0 .. "
                    f"{len(alphabets) - 1}, got {alphabet}."
                )
            class_names[class_id] = f"{alphabets[alphabet]}_{character - 1}"
    return images, labels, tuple(class_names[k] for k in sorted(class_names))
