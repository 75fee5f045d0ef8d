"""MNIST, KMNIST and EMNIST as they were published: idx files, gzipped or not.

An idx file is a big-endian header (the magic number 0x08 and the number of
dimensions, then each dimension) and the bytes of a uint8 array.
"""

import gzip
import pathlib
import struct
import zlib

import numpy as np

from tfdood.data import datasets
from tfdood.data.importers import sources
from tfdood.data.importers.sources import Drawings

# Beginnings of the names of the training and test files.
_STEMS = {
    "mnist": {"train": "train", "test": "t10k"},
    "kmnist": {"train": "train", "test": "t10k"},
    "emnist": {
        "train": "emnist-balanced-train",
        "test": "emnist-balanced-test",
    },
}


def read(name: str, folder: pathlib.Path) -> Drawings | None:
    """Reads a dataset from its four idx files.

    Args:
        name: one of `datasets.NAMES`.
        folder: where to look for the files.

    Returns:
        The drawings, or `None` if there are no such files.

    Raises:
        ValueError: If a file is missing or corrupt.
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
    found = Drawings(images, labels, row.class_names, folder)
    sources.check(found)
    return found


def _path(folder: pathlib.Path, file_name: str) -> pathlib.Path:
    plain = folder / file_name
    return plain if plain.exists() else folder / f"{file_name}.gz"


def _array(path: pathlib.Path, num_dims: int) -> np.ndarray:
    if not path.exists():
        raise ValueError(
            f"{path} is missing; its three sister files are no use without it."
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
            f"{path} is not a uint8 idx file of {num_dims} dimensions: its "
            f"magic number is {magic:#x} and it holds {data.size:,} bytes for "
            f"the shape {shape}; get it again."
        )
    return data.reshape(shape)
