"""Trained models in the package, with rounded weights.

    model = tfdood.load_pretrained("mnist")
    drawing = model.reconstruct(images)

`tfdood/weights/NAME.npz` holds the weights in half precision. `NAME.json` holds
the configuration and the metrics. `python -m tools.ship` writes both files.
"""

import dataclasses
import json
import os
import pathlib
import zipfile
from typing import Any

import numpy as np

from tfdood import models
from tfdood.files import atomic, npz
from tfdood.saved import families, rounding, runs
from tfdood.settings import schema, text

FOLDER = families.WEIGHTS

_LARGE = 1_000  # numbers in an array
_STEPS_A_DEVIATION = 16


@dataclasses.dataclass(frozen=True)
class Pretrained:
    """The stored data of a trained model.

    Attributes:
        config: the configuration of the training.
        facts: `step`, `metrics` and `measured_on`, as in `card.Facts`.
        weights: the weights in the order of the model's variables. Floats that
            were read from a file are float16.
    """

    config: schema.Config
    facts: dict[str, Any]
    weights: list[np.ndarray]

    def build(self, config: schema.Config | None = None) -> models.Model:
        """Makes the model with its weights.

        Args:
            config: the configuration of the model; by default that of the
                training. The variables must have the same shapes.

        Returns:
            The model.

        Raises:
            ValueError: If the weights do not fit the configuration.
        """
        model = models.build((config or self.config).model)
        self.assign(model)
        return model

    def assign(self, model: models.Model) -> None:
        """Copies these weights to a model.

        Args:
            model: a model with variables of the same shapes.

        Raises:
            ValueError: If the weights do not fit.
        """
        shapes = [tuple(variable.shape) for variable in model.variables]
        if shapes != [array.shape for array in self.weights]:
            raise ValueError(
                "The weights do not fit the model, because they belong to "
                "other settings or to another version of tfdood. Use the "
                "settings of the pretrained model."
            )
        for variable, array in zip(model.variables, self.weights, strict=True):
            variable.assign(array.astype(variable.dtype))


def load(model: str | os.PathLike) -> models.Model:
    """Loads a trained model.

    Args:
        model: one of `names()`, `pretrained:NAME`, or the folder of a run, see
            `exporting.read`. A name goes before a folder of this name.

    Returns:
        The model with its weights.

    Raises:
        ValueError: If there is no such model, or a file is damaged.
        FileNotFoundError: If the folder has weights but no configuration.
    """
    folder, name = pathlib.Path(model), str(model).removeprefix(families.PREFIX)
    if name in names():
        return read(name).build()
    checkpoints = runs.weights(folder)
    if not checkpoints.is_dir():
        raise ValueError(
            f"There is no pretrained model or run {str(model)!r}; choose from "
            f"{', '.join(families.PREFIX + known for known in names())}, or "
            "give the folder of a run. An exported model is not a Keras model: "
            "use tfdood.draw(picture, model)."
        )
    loaded = models.build(runs.read_config(folder).model)
    runs.restore_model(loaded, checkpoints)
    return loaded


def names() -> list[str]:
    """Lists the names of all pretrained models."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def path_of(name: str) -> pathlib.Path:
    """Finds the file with the weights of a model.

    Args:
        name: one of `names()`.

    Returns:
        The path of the npz file.

    Raises:
        ValueError: If the model does not exist.
    """
    if name not in names():
        raise ValueError(
            f"There is no pretrained model {name!r}; choose from "
            f"{', '.join(names()) or 'none'}."
        )
    return FOLDER / f"{name}.npz"


def read(name: str) -> Pretrained:
    """Reads a model from its files, without building it.

    Args:
        name: one of `names()`.

    Returns:
        The stored data.

    Raises:
        ValueError: If the model does not exist, or a file is damaged.
    """
    path = path_of(name)
    arrays = npz.read(path)
    facts_path = path.with_suffix(".json")
    try:
        stored = json.loads(facts_path.read_text())
        config = text.from_json(json.dumps(stored["config"]))
        facts = stored["facts"]
        weights = [arrays[_key(i)] for i in range(len(arrays))]
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise ValueError(
            f"The pretrained model {facts_path} is damaged: "
            f"{str(error).rstrip('.')}. Install the package again."
        ) from error
    return Pretrained(config, facts, weights)


def write(path: str | os.PathLike, pretrained: Pretrained) -> None:
    """Writes a model; rounds its weights.

    Weights become half precision numbers. In arrays of 1,000 weights or more
    they are, besides, multiples of a power of two, the largest one that is at
    most a sixteenth of their standard deviation. The file is then half as
    large.

    Args:
        path: the path of `NAME.npz`. `NAME.json` is written to the same folder.
        pretrained: the data of the model.

    Raises:
        ValueError: If a weight is not finite, or too large for half precision.
        OSError: If a file cannot be written.
    """
    halves = rounding.halves(map(_stepped, pretrained.weights))
    arrays = {_key(i): array for i, array in enumerate(halves)}
    path = pathlib.Path(path)
    config = json.loads(text.to_json(pretrained.config))
    facts = {"config": config, "facts": pretrained.facts}
    text_of_facts = json.dumps(facts, indent=2) + "\n"
    with (
        atomic.replacing(path.with_suffix(".json")) as facts_file,
        atomic.replacing(path) as file,
    ):
        facts_file.write(text_of_facts.encode())
        with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)


def _stepped(weights: np.ndarray) -> np.ndarray:
    """Rounds many floats to multiples of a power of two; leaves few as is."""
    if weights.dtype.kind != "f" or weights.size < _LARGE:
        return weights
    deviation = np.std(weights, dtype=np.float64)
    if not 0.0 < deviation < np.inf:
        return weights
    step = 2.0 ** np.floor(np.log2(deviation / _STEPS_A_DEVIATION))
    return np.round(weights / step) * step


def _key(number: int) -> str:
    return f"weight_{number:03d}"
