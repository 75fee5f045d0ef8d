"""Runs converted models without TensorFlow, which takes seconds to import.

    model = litert.LiteRTModel("models/dood_quickdraw/1/litert")
    drawing = model.run("reconstruct", {"images": images})

`tfdood.saved.converting` writes the files.
"""

import contextlib
import json
import os
import pathlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from tfdood.files import digests

FOLDER = "litert"
"""The folder of the files, beside a SavedModel."""

DESCRIPTION = "model.json"
"""The file that describes the files of a model."""

FORMAT = 2
"""The version of `model.json`."""


class LiteRTModel:
    """A converted model. Several threads may use it, and take turns.

    A file is loaded when its signature runs for the first time.

    Attributes:
        folder: the folder of the files.
        image_size: height and width of the images, in pixels.
        dataset: that the model learned from.
        signatures: what `model.json` says of each signature, by name: `inputs`
            and `outputs` with their `name`, `shape` and `dtype`.

    Args:
        folder: the folder that holds `model.json`.
        num_threads: the number of threads that run a signature, at least 1.

    Raises:
        FileNotFoundError: If there is no converted model.
        ValueError: If its description is damaged, or of another version.
    """

    def __init__(self, folder: str | os.PathLike, num_threads: int = 1) -> None:
        self.folder = pathlib.Path(folder)
        description = _read(self.folder / DESCRIPTION)
        self.image_size: int = description["image_size"]
        self.dataset: str = description["dataset"]
        self.signatures: dict[str, dict[str, Any]] = description["signatures"]
        self._num_threads = num_threads
        self._runners: dict[str, Any] = {}
        self._lock = threading.Lock()

    def run(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature.

        Args:
            signature: its name.
            inputs: an array for each input, of one row. Images are
                `[1, H, W, C]` in [0, 1]; those with C = 1 are white ink on
                black.

        Returns:
            An array for each output, of one row; `docs/serving.md` lists them.

        Raises:
            ValueError: If the model has no such signature, if an input does not
                fit, or if its file is damaged.
            OSError: If the file of the signature cannot be read.
        """
        wanted = self._signature(signature)["inputs"]
        names = [tensor["name"] for tensor in wanted]
        if set(inputs) != set(names):
            raise ValueError(
                f"The inputs of {signature} are {', '.join(names)}, got "
                f"{', '.join(inputs) or 'none'}."
            )
        checked = {
            tensor["name"]: _checked(tensor, inputs[tensor["name"]])
            for tensor in wanted
        }
        with self._lock:
            return self._runner(signature)(**checked)

    def noise(self, signature: str, seed: int) -> dict[str, np.ndarray]:
        """Samples the random numbers that a signature takes.

        Args:
            signature: its name.
            seed: at least 0. The same seed gives the same numbers.

        Returns:
            The inputs that are random numbers, by name; empty if it has none.

        Raises:
            ValueError: If the model has no such signature.
        """
        generator = np.random.default_rng(seed)
        sample = {
            "uniform": generator.random,
            "normal": generator.standard_normal,
        }
        return {
            tensor["name"]: sample[tensor["distribution"]](
                tensor["shape"], np.float32
            )
            for tensor in self._signature(signature)["inputs"]
            if "distribution" in tensor
        }

    def _signature(self, name: str) -> dict[str, Any]:
        if name not in self.signatures:
            raise ValueError(
                f"The model {self.folder} has no signature {name!r}; it has "
                f"{', '.join(sorted(self.signatures))}."
            )
        return self.signatures[name]

    def _runner(self, signature: str) -> Any:
        if signature not in self._runners:
            facts = self.signatures[signature]
            path = self.folder / facts["file"]
            content = path.read_bytes()
            if digests.of_bytes(content) != facts["digest"]:
                raise _damaged(path, "it is not the file that was exported")
            with _without_messages():
                interpreter = Interpreter(
                    model_content=content, num_threads=self._num_threads
                )
                interpreter.allocate_tensors()
            self._runners[signature] = interpreter.get_signature_runner()
        return self._runners[signature]


def is_complete(folder: pathlib.Path) -> bool:
    """Whether a folder has the files of a model of this version, undamaged.

    Args:
        folder: for `LiteRTModel`.
    """
    try:
        description = _read(folder / DESCRIPTION)
        return all(
            digests.of_file(folder / facts["file"]) == facts["digest"]
            for facts in description["signatures"].values()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


_stderr_lock = threading.Lock()


@contextlib.contextmanager
def _without_messages() -> Iterator[None]:
    """Hides that XNNPACK is used, which has no other switch.

    One thread at a time may replace the descriptor, whichever model it loads.
    """
    with _stderr_lock, open(os.devnull, "w") as nowhere:
        stderr = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _read(path: pathlib.Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.parent} holds no {path.name}. Export a run with "
            "python -m export.main --litert, and give the folder litert of "
            "the new version."
        )
    try:
        description = json.loads(path.read_text())
        found = description["format"]
        missing = {"image_size", "dataset", "signatures"} - set(description)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"it is no description ({error})") from error
    if found != FORMAT:
        raise _damaged(path, f"expected format {FORMAT}, got {found}")
    if missing:
        raise _damaged(path, f"it lacks {', '.join(sorted(missing))}")
    return description


def _damaged(path: pathlib.Path, reason: str) -> ValueError:
    return ValueError(
        f"{path} cannot be used: {reason}. Export the model again with "
        "python -m export.main --litert."
    )


def _checked(wanted: Mapping[str, Any], value: np.ndarray) -> np.ndarray:
    """The input in its dtype, if its shape and its values fit."""
    name, shape = wanted["name"], wanted["shape"]
    array = np.asarray(value, wanted["dtype"])
    if list(array.shape) != shape:
        raise ValueError(
            f"{name} must have shape {shape}, got {list(array.shape)}."
        )
    low, high = float(np.min(array)), float(np.max(array))
    expected, fits = {
        "normal": ("finite", True),
        "uniform": ("in [0, 1)", low >= 0.0 and high < 1.0),
        None: ("in [0, 1]", low >= 0.0 and high <= 1.0),
    }[wanted.get("distribution")]
    if not (np.isfinite(low + high) and fits):
        raise ValueError(
            f"{name} must be {expected}, got values from {low:g} to {high:g}."
        )
    return array
