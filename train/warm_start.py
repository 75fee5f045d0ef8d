"""Warm starts: a run starts from trained weights, not from random ones."""

import dataclasses
import pathlib

from tfdood import models
from tfdood.saved import pretrained, runs
from tfdood.settings.architectures import Architecture


def assign(model: models.Model, source: str) -> None:
    """Copies the weights of a trained model to a model.

    Args:
        model: the model that gets the weights. Its settings must equal those of
            the trained model, except for settings that do not change the
            meaning of the weights, such as `num_strokes`.
        source: `pretrained:NAME`, or the folder of a run.

    Raises:
        runs.RunError: If the trained model does not exist, or its weights do
            not fit.
    """
    try:
        if source.startswith(pretrained.PREFIX):
            name = source.removeprefix(pretrained.PREFIX)
            kept = pretrained.read(name)
            _check(kept.config.model, model.settings)
            kept.assign(model)
        else:
            run = pathlib.Path(source).expanduser()
            _check(runs.read_config(run).model, model.settings)
            runs.restore_model(model, runs.weights(run))
    except (ValueError, OSError) as error:
        raise runs.RunError(
            f"Cannot start from {source} (training.start_from): {error}"
        ) from error


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
    ]
    if differing:
        raise ValueError(
            f"its weights do not fit: it has {', '.join(differing)}; use the "
            "settings of the trained model."
        )
