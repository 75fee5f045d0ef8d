"""Reading of npz files, with readable errors."""

import os
import pathlib

import numpy as np


def read(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads all arrays of an npz file.

    Pickled objects are refused, because they can run code.

    Args:
        path: the npz file.

    Returns:
        The arrays by their names.

    Raises:
        ValueError: If the file is damaged or is not an npz file.
        OSError: If the file does not exist or cannot be opened.
    """
    try:
        with np.load(pathlib.Path(path), allow_pickle=False) as arrays:
            return dict(arrays)
    except OSError:
        raise
    except Exception as error:  # Damage appears as one of a dozen types.
        raise ValueError(
            f"{path} is not a readable npz file ({error}); get it again."
        ) from error
