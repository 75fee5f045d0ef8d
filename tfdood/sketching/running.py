"""Runs the signatures of a model here, by its name."""

import functools
import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tfdood.saved import families

SEARCHED = "gns"
"""The family whose models find strokes by a search."""

_WITHOUT_STROKES = ("gnm", "scene_vae", "mean_image", "vae")
_OF_CODES = ("air", "dood_dr")

Predict = Callable[[str, Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""Takes the name of a signature and its inputs; returns its outputs. Raises a
ValueError if the model or its server refuses."""


class Opened(NamedTuple):
    """A model that is ready to run.

    Attributes:
        predict: runs a signature.
        image_size: height and width of its images, in pixels.
        dataset: that it learned from.
    """

    predict: Predict
    image_size: int
    dataset: str


def opened(model: str, num_strokes: int | None = None) -> Opened:
    """Opens LiteRT files, which need no TensorFlow, or else a SavedModel.

    What a run or a pretrained model needs is written to the user's cache when
    it is first used, which takes minutes.

    Args:
        model: the folder of an exported model, the folder of a run, or
            `pretrained:NAME`.
        num_strokes: the largest number of strokes of a drawing; by default as
            in training. An exported model has one number.

    Returns:
        The model.

    Raises:
        ValueError: If the model does not exist or is damaged, or if an exported
            model has another number of strokes.
        FileNotFoundError: If the folder holds no model.
    """
    from tfdood.saved import converted, litert

    check(model)
    folder = converted.folder(model, num_strokes)
    if folder is not None:
        lite = litert.LiteRTModel(folder, len(os.sched_getaffinity(0)))
        predict = functools.partial(_predict_by_rows, lite)
        return Opened(predict, lite.image_size, lite.dataset)
    from tfdood import quiet  # noqa: F401  # isort: skip
    from tfdood.saved import cached, exported

    found = exported.ExportedModel(cached.folder(model, num_strokes))
    dataset = found.config.training.dataset
    return Opened(_predict(found.path), found.image_size, dataset)


def check(model: str) -> None:
    """Refuses models without a signature that draws curves, at once.

    Args:
        model: as in `opened`.

    Raises:
        ValueError: If the model is of such a family.
    """
    family = families.of(model)
    if family == SEARCHED:
        raise ValueError(
            f"{model} (family {family}) draws pictures by a search only: use "
            "the parser searched, and no signature; or use another model, such "
            "as pretrained:all."
        )
    if family in _OF_CODES:
        raise ValueError(
            f"The strokes of {model} (family {family}) are codes that a "
            "network paints, not curves; use another model, such as "
            "pretrained:all."
        )
    if family in _WITHOUT_STROKES:
        raise ValueError(
            f"{model} (family {family}) draws no strokes; use another model, "
            "such as pretrained:all."
        )


def check_search(model: str) -> None:
    """Refuses models that did not learn from the strokes of people, at once.

    Args:
        model: as in `opened`.

    Raises:
        ValueError: If the model is of another family.
    """
    family = families.of(model)
    if family not in (SEARCHED, None):  # What is no model is refused later.
        raise ValueError(
            "The parser searched needs a model that learned from the strokes "
            f"of people, such as pretrained:gns; got {model} (family {family})."
        )


def _predict_by_rows(
    model: Any, signature: str, inputs: Mapping[str, np.ndarray]
) -> Mapping[str, np.ndarray]:
    """Runs a `LiteRTModel`, which takes one row, and noise for a seed."""
    inputs = dict(inputs)
    seeds = inputs.pop("seeds", None)
    count = len(next(iter(inputs.values()), seeds))
    rows = []
    for row in range(count):
        own = {name: x[row : row + 1] for name, x in inputs.items()}
        if seeds is not None:
            own |= model.noise(signature, int(seeds[row, 0]))
        rows.append(model.run(signature, own))
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}


def _predict(path: pathlib.Path) -> Predict:
    from tfdood.saved import session

    try:
        loaded = session.Session(path)
    except session.Error as error:
        raise ValueError(error.reason) from error

    def predict(
        signature: str, inputs: Mapping[str, np.ndarray]
    ) -> Mapping[str, np.ndarray]:
        try:
            return loaded.run(signature, inputs)
        except session.Error as error:
            raise ValueError(error.reason) from error

    return predict
