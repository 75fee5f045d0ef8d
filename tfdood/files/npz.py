"""Reading of npz files, with readable errors."""

import os
import pathlib
import zipfile
from collections.abc import Sequence

import numpy as np


def read(
    path: str | os.PathLike,
    names: Sequence[str] = (),
    advice: str = "get it again",
) -> dict[str, np.ndarray]:
    """Reads all arrays of an npz file.

    Pickled objects are refused, because they can run code.

    Args:
        path: the npz file.
        names: arrays that the file must hold.
        advice: what to do if the file is damaged or lacks one of them.

    Returns:
        The arrays by their names.

    Raises:
        ValueError: If the file is damaged, is not an npz file, or lacks an
            array.
        OSError: If the file does not exist or cannot be opened.
    """
    try:
        with pathlib.Path(path).open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no zip file")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                found = dict(arrays)
    except OSError:
        raise
    except Exception as error:  # Damage appears as one of a dozen types.
        raise ValueError(
            f"{path} is not a readable npz file ({error}); {advice}."
        ) from error
    if not found.keys() >= set(names):
        raise ValueError(
            f"{path} must hold the arrays {', '.join(names)}, got "
            f"{', '.join(found)}; {advice}."
        )
    return found
