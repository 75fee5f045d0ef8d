"""Datasets as npz files, with arrays named as Keras names them.

`NAME.npz` holds `x_train y_train x_test y_test`, uint8, white ink on black,
upright, and optionally `class_names`. Omniglot's holds, for `background` and
`evaluation`, `images_packed` (1 bit a pixel), `class_id` from 1, `alphabet`,
`character` and `alphabet_names`, and `image_shape`; that of its one-shot runs
`support` and `query` `[R, C, H, W]`, 1 for ink, and `query_label` `[R, C]`.
"""

import pathlib

import numpy as np

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import Drawings
from tfdood.files import npz

_OTHER_NAMES = {"emnist": "emnist_balanced", "quickdraw": "quickdraw10"}


def read(name: str, folder: pathlib.Path) -> Drawings | None:
    """Reads a dataset from its npz file.

    Args:
        name: one of `datasets.NAMES`.
        folder: where to look for the file.

    Returns:
        The drawings, or `None` if there is no such file.

    Raises:
        ValueError: If the file is not what its name promises.
    """
    path = _path(name, folder)
    if path is None:
        return None
    arrays = _Arrays(path)
    read_arrays = _omniglot if name == "omniglot" else _labelled_images
    found = Drawings(*read_arrays(name, arrays), path)
    sources.check(found)
    return found


def read_one_shot(folder: pathlib.Path) -> sources.Runs | None:
    """Reads the one-shot runs from their npz file.

    Args:
        folder: where to look for the file.

    Returns:
        The runs, or `None` if there is no such file.

    Raises:
        ValueError: If the file is not what its name promises.
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
    if max(support.max(), query.max()) > 1:
        raise ValueError(
            f"The images of {path} must have 1 for ink and 0 for paper, got "
            f"values up to {max(support.max(), query.max())}."
        )
    if answers.min() < 0 or answers.max() >= support.shape[1]:
        raise ValueError(
            f"The query_label of {path} must lie in 0 .. "
            f"{support.shape[1] - 1}, got {answers.min()} .. {answers.max()}."
        )
    return sources.Runs(_ink(support), _ink(query), answers, path)


def unpack_bits(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Unpacks images of 1 bit a pixel, 1 = ink.

    Args:
        packed: `[N, ceil(H * W / 8)]`, uint8.
        shape: `(H, W)`.

    Returns:
        `[N, H, W]`, uint8, 0 or 255.

    Raises:
        ValueError: If the bits do not make such images.
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


def names(name: str) -> tuple[str, ...]:
    """What the npz file of a dataset may be called."""
    stems = (name, *filter(None, [_OTHER_NAMES.get(name)]))
    return tuple(f"{stem}.npz" for stem in stems)


def _path(name: str, folder: pathlib.Path) -> pathlib.Path | None:
    paths = (folder / file for file in names(name))
    return next((path for path in paths if path.exists()), None)


def _ink(bits: np.ndarray) -> np.ndarray:
    return bits.astype(np.uint8) * np.uint8(255)


class _Arrays(dict):
    """The arrays of an npz file, with errors that name it."""

    def __init__(self, path: pathlib.Path):
        super().__init__(npz.read(path))
        self.path = path

    def __missing__(self, key):
        raise ValueError(
            f"{self.path} lacks the array {key!r}; it has {', '.join(self)}."
        )


def _labelled_images(name, arrays):
    class_names = datasets.dataset(name).class_names
    if "class_names" in arrays:
        class_names = tuple(
            str(n).replace("_", " ") for n in arrays["class_names"]
        )
    images = {split: arrays[f"x_{split}"] for split in datasets.SPLITS}
    labels = {
        split: arrays[f"y_{split}"].astype(np.int64)
        for split in datasets.SPLITS
    }
    return images, labels, class_names


def _omniglot(name, arrays):
    del name
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
                f"{part}, got {counts}."
            )
        labels[split] = numbers[0] - 1
        alphabets = arrays[f"{part}_alphabet_names"]
        for class_id, alphabet, character in zip(*numbers, strict=True):
            if not 0 <= alphabet < len(alphabets):
                raise ValueError(
                    f"{arrays.path} names {len(alphabets)} alphabets of "
                    f"{part}, got a drawing of number {alphabet}, from 0."
                )
            class_names[class_id] = f"{alphabets[alphabet]}_{character - 1}"
    return images, labels, tuple(class_names[k] for k in sorted(class_names))
