"""Warm starts: a run starts from trained weights, not from random ones."""

import dataclasses
import os

import keras

from tfdood import models
from tfdood.models.common import canvas_model
from tfdood.saved import families, pretrained, runs
from tfdood.settings.architectures import Architecture

_OF_THE_PIXEL_SCALE = ("pixel_scale", "pixel_scale_window")


def assign(model: models.Model, source: str) -> None:
    """Copies the weights of a trained model to a model.

    If the pixel scales of the two models differ in their kind or their window,
    the pixel scale of `model` keeps its initial weights.

    Args:
        model: the model that gets the weights. Its settings must equal those of
            the trained model, except for the pixel scale and for settings that
            do not change the meaning of the weights, such as `num_strokes`.
        source: `pretrained:NAME`, or the folder of a run.

    Raises:
        runs.RunError: If the trained model does not exist, or its weights do
            not fit.
    """
    try:
        is_shipped = source.startswith(families.PREFIX)
        # A path that starts with "./" is not the name of a shipped model.
        trained = pretrained.load(
            source if is_shipped else os.path.join(os.curdir, source)
        )
        _check(trained.settings, model.settings)
    except (ValueError, OSError) as error:
        raise runs.RunError(
            f"Cannot start from {source} (training.start_from): {error}"
        ) from error
    scaled_alike = all(
        getattr(trained.settings, name, None)
        == getattr(model.settings, name, None)
        for name in _OF_THE_PIXEL_SCALE
    )
    choose = _all if scaled_alike else _without_pixel_scale
    for new, old in zip(choose(model), choose(trained), strict=True):
        new.assign(old)


def _all(model: models.Model) -> list[keras.Variable]:
    return model.variables


def _without_pixel_scale(
    model: canvas_model.CanvasModel,
) -> list[keras.Variable]:
    left_out = {id(variable) for variable in model.pixel_scale_variables}
    return [v for v in model.variables if id(v) not in left_out]


def _check(trained: Architecture, wanted: Architecture) -> None:
    """Refuses weights that have another meaning under the wanted settings."""
    if trained.name != wanted.name:
        raise ValueError(
            f"it is a model of the family {trained.name!r}, not "
            f"{wanted.name!r}; choose another preset."
        )
    differing = [
        f"model.{field.name}={getattr(trained, field.name)}, not "
        f"{getattr(wanted, field.name)}"
        for field in dataclasses.fields(trained)
        if getattr(trained, field.name) != getattr(wanted, field.name)
        and not field.metadata["may_differ"]
        and field.name not in _OF_THE_PIXEL_SCALE
    ]
    if differing:
        raise ValueError(
            f"its weights do not fit: it has {', '.join(differing)}; use the "
            "settings of the trained model."
        )
