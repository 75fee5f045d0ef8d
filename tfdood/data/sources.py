"""Local files of drawings, in the formats they are passed around in.

Three kinds of files are known, looked for in this order:

    NAME.npz                  arrays `x_train y_train x_test y_test`; Omniglot
                              and its one-shot runs with 1 bit a pixel
    *-images-idx3-ubyte[.gz]  the published files of MNIST, KMNIST and EMNIST
    train/CLASS/*.png         a folder for each class, and `test/` likewise

All give upright drawings, white ink on black, at the size of the files.
"""

import pathlib
import zipfile
from typing import NamedTuple

import numpy as np

from tfdood.data import datasets

_NPZ = {
    "mnist": "mnist.npz",
    "emnist": "emnist_balanced.npz",
    "kmnist": "kmnist.npz",
    "quickdraw": "quickdraw10.npz",
    "omniglot": "omniglot.npz",
    datasets.ONE_SHOT: "omniglot_oneshot.npz",
}


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


def npz_path(name: str, folder: pathlib.Path) -> pathlib.Path:
    """Where a folder holds the npz file of a dataset, if it does."""
    return folder / _NPZ[name]


def read_npz(name: str, path: pathlib.Path) -> Drawings:
    """Reads a dataset from an npz file.

    Args:
        name: one of `datasets.NAMES`.
        path: of the file.

    Raises:
        ValueError: If the file is not what its name promises.
    """
    arrays = _load_npz(path)
    read_arrays = _omniglot if name == "omniglot" else _labelled_images
    try:
        images, labels, class_names = read_arrays(name, arrays)
    except KeyError as error:
        raise ValueError(
            f"{path} lacks the array {error}; it has {', '.join(arrays)}."
        ) from error
    found = Drawings(images, labels, class_names, path)
    check(found)
    return found


def read_one_shot_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Reads the one-shot runs from an npz file.

    Args:
        path: of the file.

    Returns:
        `support` and `query`, uint8 `[R, C, H, W]`, and `answers`, int64
        `[R, C]`.

    Raises:
        ValueError: If the file is not what its name promises.
    """
    arrays = _load_npz(path)
    try:
        support, query = arrays["support"], arrays["query"]
        answers = arrays["query_label"]
    except KeyError as error:
        raise ValueError(
            f"{path} lacks the array {error}; it has {', '.join(arrays)}."
        ) from error
    if support.ndim != 4 or not (
        support.shape == query.shape and answers.shape == query.shape[:2]
    ):
        raise ValueError(
            f"{path} must hold support and query [R, C, H, W] and query_label "
            f"[R, C], got {list(support.shape)}, {list(query.shape)} and "
            f"{list(answers.shape)}."
        )
    return {
        "support": _ink(support),
        "query": _ink(query),
        "answers": answers.astype(np.int64),
    }


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


def unpack_bits(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Unpacks images of 1 bit a pixel, 1 = ink.

    Args:
        packed: `[N, ceil(H * W / 8)]`, uint8.
        shape: `(H, W)`.

    Returns:
        `[N, H, W]`, uint8, 0 or 255.
    """
    bits = np.unpackbits(packed, axis=1, count=shape[0] * shape[1])
    return _ink(bits.reshape(-1, *shape))


def _ink(bits: np.ndarray) -> np.ndarray:
    return bits.astype(np.uint8) * np.uint8(255)


def _load_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (zipfile.BadZipFile, EOFError, ValueError, TypeError) as error:
        raise ValueError(
            f"{path} is not a readable npz file ({error}); get it again."
        ) from error


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
    shape = tuple(int(n) for n in arrays["image_shape"])
    for split, part in (("train", "background"), ("test", "evaluation")):
        images[split] = unpack_bits(arrays[f"{part}_images_packed"], shape)
        labels[split] = arrays[f"{part}_class_id"].astype(np.int64) - 1
        alphabets = arrays[f"{part}_alphabet_names"]
        rows = zip(
            labels[split],
            arrays[f"{part}_alphabet"],
            arrays[f"{part}_character"],
            strict=True,
        )
        for label, alphabet, character in rows:
            class_names[label] = f"{alphabets[alphabet]}_{character - 1}"
    return images, labels, tuple(class_names[k] for k in sorted(class_names))
