"""Small networks that come with the package, for measurements.

A file has the weights in half precision: `weight_0`, `weight_1`, ..., in the
order of Keras.
"""

import pathlib

import keras
import numpy as np

from tfdood.files import atomic


def load(network: keras.Model, path: pathlib.Path, tool: str) -> None:
    """Reads the weights of a network.

    Args:
        network: gets the weights.
        path: of the file.
        tool: the module that makes the file, for the error.

    Raises:
        FileNotFoundError: If the file is not there.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing; make it with python -m {tool}, or install the "
            "package again."
        )
    with np.load(path) as arrays:
        network.set_weights(
            [
                arrays[f"weight_{number}"].astype(np.float32)
                for number in range(len(arrays.files))
            ]
        )


def save(network: keras.Model, path: pathlib.Path) -> None:
    """Writes the weights of a network.

    Args:
        network: a trained one.
        path: of the file.

    Raises:
        OSError: If the file cannot be written.
    """
    arrays = {
        f"weight_{number}": weight.astype(np.float16)
        for number, weight in enumerate(network.get_weights())
    }
    with atomic.replacing(path) as file:
        np.savez_compressed(file, **arrays)
