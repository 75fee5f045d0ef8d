"""Trained models that come with the package, their weights in half precision.

    model = tfdood.load_pretrained("mnist")
    drawing = model.reconstruct(images)

`python -m tools.ship` writes them, `--model=pretrained:mnist` evaluates them.
"""

import dataclasses
import json
import os
import pathlib
from typing import Any

import numpy as np

from tfdood import models
from tfdood.files import npz
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

FOLDER = pathlib.Path(__file__).parents[1] / "weights"
PREFIX = "pretrained:"
"""Commands take `pretrained:NAME` where they take a folder of a model."""


@dataclasses.dataclass(frozen=True)
class Pretrained:
    """A trained model, as it is kept in a file.

    Attributes:
        config: what it was trained with.
        facts: `step`, `metrics` and `measured_on`, as of exported models.
        weights: in the order of the model's variables; real ones in float16.
    """

    config: config_lib.Config
    facts: dict[str, Any]
    weights: list[np.ndarray]

    def build(self, config: config_lib.Config | None = None):
        """The model with its weights.

        Args:
            config: another configuration, of variables of the same shapes.

        Returns:
            A `DrawingModel`.

        Raises:
            ValueError: If the weights do not fit the configuration.
        """
        model = models.build((config or self.config).model)
        self.assign(model)
        return model

    def assign(self, model: models.DrawingModel) -> None:
        """Gives another model these weights.

        Args:
            model: with variables of the same shapes.

        Raises:
            ValueError: If the weights do not fit.
        """
        shapes = [tuple(variable.shape) for variable in model.variables]
        if shapes != [array.shape for array in self.weights]:
            raise ValueError(
                "The weights do not fit the model; they are of other settings, "
                "or of another version of tfdood."
            )
        for variable, array in zip(model.variables, self.weights, strict=True):
            variable.assign(array.astype(variable.dtype))


def load(name: str) -> models.DrawingModel:
    """A trained model.

    Args:
        name: of the dataset it was trained on, one of `names()`.

    Returns:
        A `DrawingModel`.

    Raises:
        ValueError: If there is no such model.
    """
    return read(name).build()


def names() -> list[str]:
    """What `load` takes."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def path_of(name: str) -> pathlib.Path:
    """The file of a model.

    Raises:
        ValueError: If there is no such model.
    """
    if name not in names():
        raise ValueError(
            f"There is no pretrained model {name!r}; choose from "
            f"{', '.join(names()) or 'none'}."
        )
    return FOLDER / f"{name}.npz"


def read(name: str) -> Pretrained:
    """What is kept of a model.

    Args:
        name: one of `names()`.

    Returns:
        The model, not built yet.

    Raises:
        ValueError: If there is no such model, or its file is damaged.
    """
    path = path_of(name)
    arrays = npz.read(path)
    try:
        config = settings_lib.from_json(str(arrays["config"]))
        facts = json.loads(str(arrays["facts"]))
        weights = [arrays[_key(i)] for i in range(len(arrays) - 2)]
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"The pretrained model {path} is damaged: {error}. Fetch it again."
        ) from error
    return Pretrained(config, facts, weights)


def write(path: str | os.PathLike, pretrained: Pretrained) -> None:
    """Writes a model to a file, weights rounded to half precision.

    Raises:
        ValueError: If a weight is too large for half precision.
    """
    with np.errstate(over="ignore"):  # What overflows is refused below.
        arrays = {
            _key(i): array.astype(np.float16)
            if array.dtype.kind == "f"
            else array
            for i, array in enumerate(pretrained.weights)
        }
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(
            "A weight is not finite in half precision; expected all within "
            "+-65,504."
        )
    unfinished = pathlib.Path(path).with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez_compressed(
            file,
            config=settings_lib.to_json(pretrained.config),
            facts=json.dumps(pretrained.facts),
            **arrays,
        )
    os.replace(unfinished, path)


def _key(number: int) -> str:
    return f"weight_{number:03d}"
