"""Trained models that come with the package, their weights in half precision.

    model = tfdood.load_pretrained("mnist")
    drawing = model.reconstruct(images)

`tfdood/weights/NAME.npz` holds the weights, `NAME.json` the configuration and
what was measured. `python -m tools.ship` writes both.
"""

import dataclasses
import json
import os
import pathlib
from typing import Any

import numpy as np

from tfdood import models
from tfdood.files import npz
from tfdood.settings import schema, text

FOLDER = pathlib.Path(__file__).parents[1] / "weights"
PREFIX = "pretrained:"
"""Commands take `pretrained:NAME` where they take a folder of a model."""

_HALF_MAX = 65_504


@dataclasses.dataclass(frozen=True)
class Pretrained:
    """A trained model as it is stored.

    Attributes:
        config: of its training.
        facts: `step`, `metrics` and `measured_on`, as of exported models.
        weights: in the order of the model's variables; floats in float16.
    """

    config: schema.Config
    facts: dict[str, Any]
    weights: list[np.ndarray]

    def build(self, config: schema.Config | None = None) -> models.Model:
        """Makes the model with its weights.

        Args:
            config: another configuration, with variables of the same shapes.

        Returns:
            A `Model`.

        Raises:
            ValueError: If the weights do not fit the configuration.
        """
        model = models.build((config or self.config).model)
        self.assign(model)
        return model

    def assign(self, model: models.Model) -> None:
        """Gives these weights to another model.

        Args:
            model: with variables of the same shapes.

        Raises:
            ValueError: If the weights do not fit.
        """
        shapes = [tuple(variable.shape) for variable in model.variables]
        if shapes != [array.shape for array in self.weights]:
            raise ValueError(
                "The weights do not fit the model: they belong to other "
                "settings, or to another version of tfdood."
            )
        for variable, array in zip(model.variables, self.weights, strict=True):
            variable.assign(array.astype(variable.dtype))


def load(name: str) -> models.Model:
    """Loads a trained model.

    Args:
        name: of the dataset it was trained on, one of `names()`.

    Returns:
        A `Model`.

    Raises:
        ValueError: If there is no such model.
    """
    return read(name).build()


def names() -> list[str]:
    """Lists the names that `load` takes."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))


def path_of(name: str) -> pathlib.Path:
    """Finds the file with the weights of a model.

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
    """Reads a model from its files, without building it.

    Args:
        name: one of `names()`.

    Returns:
        A `Pretrained`.

    Raises:
        ValueError: If there is no such model, or a file is damaged.
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
            f"The pretrained model {facts_path} is damaged: {error}. Install "
            "the package again."
        ) from error
    return Pretrained(config, facts, weights)


def write(path: str | os.PathLike, pretrained: Pretrained) -> None:
    """Writes a model, with its weights rounded to half precision.

    Args:
        path: `NAME.npz`; `NAME.json` is written beside it.
        pretrained: the model.

    Raises:
        ValueError: If a weight is too large for half precision.
    """
    with np.errstate(over="ignore"):  # An overflow is refused below.
        arrays = {
            _key(i): array.astype(np.float16)
            if array.dtype.kind == "f"
            else array
            for i, array in enumerate(pretrained.weights)
        }
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(
            "A weight is not finite in half precision; expected all within "
            f"+-{_HALF_MAX:,}."
        )
    path = pathlib.Path(path)
    config = json.loads(text.to_json(pretrained.config))
    facts = {"config": config, "facts": pretrained.facts}
    path.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n")
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(unfinished, path)


def _key(number: int) -> str:
    return f"weight_{number:03d}"
