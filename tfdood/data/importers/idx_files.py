"""MNIST, KMNIST and EMNIST as they were published: idx files.

An idx file holds a big-endian header and the bytes of a uint8 array. The
header is the magic number (`0x800` plus the number of dimensions) and the
dimensions, 4 bytes each. The file may be compressed with gzip. The archive of
EMNIST holds its files in a folder `gzip`.
"""

import gzip
import pathlib
import struct
import zlib

import numpy as np

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings

# The first part of the names of the training and test files.
_STEMS = {
    "mnist": {"train": "train", "test": "t10k"},
    "kmnist": {"train": "train", "test": "t10k"},
    "emnist": {
        "train": "emnist-balanced-train",
        "test": "emnist-balanced-test",
    },
}


_IMAGES, _LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from its four idx files.

    Args:
        name: one of `datasets.NAMES`.
        folder: the folder of the files, or of a folder `gzip` of the files.

    Returns:
        The drawings, or `None` if the folder has none of the files.

    Raises:
        ValueError: If some of the files are missing, or if a file is damaged.
    """
    for place in (folder, folder / "gzip"):
        paths = _paths(name, place)
        if any(path.exists() for path in paths.values()):
            return _read(name, folder, paths)
    return None


def are_named(name: str) -> bool:
    """Whether the names of the files say which dataset it is.

    Args:
        name: one of `datasets.NAMES`.

    Returns:
        True for EMNIST. The files of MNIST and KMNIST have the same names.
    """
    return any(name in stem for stem in _STEMS.get(name, {}).values())


def _paths(
    name: str, folder: pathlib.Path
) -> dict[tuple[str, str], pathlib.Path]:
    """The files of a dataset by split and kind."""
    return {
        (split, kind): _path(folder, f"{stem}-{kind}")
        for split, stem in _STEMS.get(name, {}).items()
        for kind in (_IMAGES, _LABELS)
    }


def _read(
    name: str,
    folder: pathlib.Path,
    paths: dict[tuple[str, str], pathlib.Path],
) -> LocalDrawings:
    images, labels = {}, {}
    for split in datasets.STORED_SPLITS:
        images[split] = _array(paths[split, _IMAGES], 3)
        labels[split] = _array(paths[split, _LABELS], 1)
        labels[split] = labels[split].astype(np.int64)
    row = datasets.dataset(name)
    if row.is_transposed:
        images = {k: v.swapaxes(1, 2) for k, v in images.items()}
    found = LocalDrawings(images, labels, row.class_names, folder)
    return sources.checked(found)


def _path(folder: pathlib.Path, file_name: str) -> pathlib.Path:
    """The path of a file, or of its compressed version if only that exists."""
    plain = folder / file_name
    return plain if plain.exists() else folder / f"{file_name}.gz"


def _array(path: pathlib.Path, num_dims: int) -> np.ndarray:
    """Reads the array of an idx file."""
    if not path.exists():
        raise ValueError(
            f"{path} is missing; images and labels of both splits are needed, "
            "in four files."
        )
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            content = file.read()
        header = struct.unpack_from(f">{1 + num_dims}I", content)
    except (gzip.BadGzipFile, EOFError, zlib.error, struct.error) as error:
        raise ValueError(
            f"{path} is not a readable idx file ({error}); get it again."
        ) from error
    magic, *shape = header
    data = np.frombuffer(content, np.uint8, offset=4 * len(header))
    if magic != 0x800 + num_dims or data.size != np.prod(shape):
        raise ValueError(
            f"{path} is not a uint8 idx file of {num_dims} dimensions: got the "
            f"magic number {magic:#x} and {data.size:,} bytes for the shape "
            f"{shape}; get it again."
        )
    return data.reshape(shape)
