"""Weights that a run starts from, in place of random ones."""

import pathlib

from tfdood import models, pretrained
from train import checkpoints, errors, run_folder


def assign(model: models.DrawingModel, source: str) -> None:
    """Gives a model the weights of a trained one.

    Args:
        model: of the same sizes as the trained one.
        source: `pretrained:NAME`, or the folder of a run.

    Raises:
        errors.RunError: If there is no such model, or its weights do not fit.
    """
    try:
        if source.startswith(pretrained.PREFIX):
            name = source.removeprefix(pretrained.PREFIX)
            pretrained.read(name).assign(model)
        else:
            folder = pathlib.Path(source).expanduser() / run_folder.CHECKPOINTS
            checkpoints.restore_model(model, folder)
    except (ValueError, OSError, errors.RunError) as error:
        raise errors.RunError(
            f"Cannot start from {source} (training.start_from): {error}"
        ) from error
