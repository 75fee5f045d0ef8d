"""Weights that a run starts from, in place of random ones."""

import dataclasses
import pathlib

from tfdood import models
from tfdood.saved import pretrained, runs
from tfdood.settings.schema import ModelConfig

# What does not change what weights mean.
_MAY_DIFFER = {
    *("num_strokes", "num_curve_points", "encoder_dropout"),
    *("presence_bias", "blur_bias"),
    *("stroke_contrast_bias", "canvas_contrast_bias"),
    *("min_blur", "pixel_scale_floor"),
}


def assign(model: models.DrawingModel, source: str) -> None:
    """Gives a model the weights of a trained one.

    Args:
        model: of the same settings as the trained one, but for those that
            weights do not depend on, such as the number of strokes.
        source: `pretrained:NAME`, or the folder of a run.

    Raises:
        runs.RunError: If there is no such model, or its weights do not fit.
    """
    try:
        if source.startswith(pretrained.PREFIX):
            name = source.removeprefix(pretrained.PREFIX)
            kept = pretrained.read(name)
            _check(kept.config.model, model.config)
            kept.assign(model)
        else:
            run = pathlib.Path(source).expanduser()
            _check(runs.read_config(run).model, model.config)
            runs.restore_model(model, run / runs.CHECKPOINTS)
    except (ValueError, OSError, runs.RunError) as error:
        raise runs.RunError(
            f"Cannot start from {source} (training.start_from): {error}"
        ) from error


def _check(trained: ModelConfig, wanted: ModelConfig) -> None:
    """Weights of the same shapes may mean something else."""
    settings = dataclasses.asdict(trained), dataclasses.asdict(wanted)
    differing = [
        f"model.{name}={value}, not {settings[1][name]}"
        for name, value in settings[0].items()
        if value != settings[1][name] and name not in _MAY_DIFFER
    ]
    if differing:
        raise ValueError(
            f"its weights do not fit, as it has {', '.join(differing)}; "
            "set the same."
        )
