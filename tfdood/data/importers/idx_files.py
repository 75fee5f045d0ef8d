"""MNIST, KMNIST and EMNIST as they were published: idx files.

An idx file holds a big-endian header and the bytes of a uint8 array. The
header is the magic number (`0x800` plus the number of dimensions) and the
dimensions, 4 bytes each. The file may be compressed with gzip.
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


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads a dataset from its four idx files.

    Args:
        name: one of `datasets.NAMES`.
        folder: the folder of the files.

    Returns:
        The drawings, or `None` if the folder has none of the files.

    Raises:
        ValueError: If some of the files are missing, or if a file is damaged.
    """
    stems = _STEMS.get(name, {})
    paths = {
        (split, kind): _path(folder, f"{stem}-{kind}")
        for split, stem in stems.items()
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    }
    if not any(path.exists() for path in paths.values()):
        return None
    images, labels = {}, {}
    for split in stems:
        images[split] = _array(paths[split, "images-idx3-ubyte"], 3)
        labels[split] = _array(paths[split, "labels-idx1-ubyte"], 1)
        labels[split] = labels[split].astype(np.int64)
    row = datasets.dataset(name)
    if row.is_transposed:
        images = {k: v.swapaxes(1, 2) for k, v in images.items()}
    found = LocalDrawings(images, labels, row.class_names, folder)
    sources.check(found)
    return found


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
