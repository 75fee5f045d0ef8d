"""Reading npz files, in one sentence where one is damaged."""

import os
import pathlib
import tokenize
import zipfile
import zlib

import numpy as np

# What NumPy, zipfile and zlib raise about bytes that are no npz file.
_DAMAGES = (
    EOFError,
    KeyError,
    MemoryError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads all arrays of a file.

    Raises:
        ValueError: If the file is damaged, or no npz file.
        OSError: If it is not there, or cannot be read.
    """
    try:
        with np.load(pathlib.Path(path), allow_pickle=False) as arrays:
            return dict(arrays)
    except _DAMAGES as error:
        raise ValueError(
            f"{path} is not a readable npz file ({error}); get it again."
        ) from error
