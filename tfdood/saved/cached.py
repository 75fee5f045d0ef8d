"""Exports runs and pretrained models to a cache when they are first used."""

import pathlib
import shutil
import sys

from tfdood.files import locking
from tfdood.saved import (
    caching,
    exported,
    exporting,
    families,
    pretrained,
    runs,
    versions,
)


def folder(model: str, num_strokes: int | None = None) -> str:
    """Finds the folder of an exported model; exports the model if necessary.

    A run or a pretrained model is exported to the user's cache, which takes
    about a minute. It is exported again only if its weights, the code of tfdood
    or the version of TensorFlow have changed. If several processes need the
    model at the same time, one of them exports it and the others wait.

    Args:
        model: the folder of an exported model or of one of its versions, the
            folder of a run, or `pretrained:NAME`.
        num_strokes: the largest number of strokes of a drawing; by default as
            in training. An exported model has one number.

    Returns:
        The folder of an exported model, or of one of its versions.

    Raises:
        ValueError: If the pretrained model does not exist, if the run or the
            pretrained model is damaged, or if an exported model has another
            number of strokes.
        FileNotFoundError: If the folder holds no model.
        OSError: If the cache cannot be written.
    """
    if model.startswith(families.PREFIX):
        name = model.removeprefix(families.PREFIX)
        weights = pretrained.path_of(name)
        digested = [weights, weights.with_suffix(".json")]
        path = caching.place(digested) / caching.named(
            f"pretrained_{name}", num_strokes
        )
        _export_once(model, path, num_strokes)
        return str(path)
    if not versions.has_one(model):
        return _folder_of_run(pathlib.Path(model), num_strokes)
    config = exported.ExportedModel(model).config
    own = getattr(config.model, "num_strokes", None)
    if num_strokes is not None and own is None:
        raise ValueError(
            f"{model} draws no strokes (preset {config.preset}), got "
            f"--num_strokes={num_strokes}; leave it out."
        )
    if num_strokes not in (None, own):
        raise ValueError(
            f"{model} was exported with up to {own} strokes, got "
            f"{num_strokes}; export it again with --num_strokes={num_strokes}."
        )
    return model


def _folder_of_run(run: pathlib.Path, num_strokes: int | None) -> str:
    config, checkpoints = run / "config.json", runs.weights(run)
    if not config.is_file() or not checkpoints.is_dir():
        raise FileNotFoundError(
            f"There is no model in {run}: expected the folder of an exported "
            "model (python -m export.main writes it), the folder of a run "
            "(python -m train.main writes it), or pretrained:NAME, with NAME "
            f"one of {', '.join(pretrained.names())}."
        )
    step, checkpoint = runs.newest_intact(checkpoints)
    if checkpoint is None:
        raise runs.RunError(
            f"There is no checkpoint in {checkpoints}; train for longer first."
        )
    files = sorted(checkpoints.glob(f"{checkpoint.name}.*"))
    name = caching.named(run.resolve().name, num_strokes)
    try:
        path = caching.place([config, *files]) / name
    except FileNotFoundError:  # Training has replaced the checkpoint since.
        return _folder_of_run(run, num_strokes)
    if _export_once(str(run), path, num_strokes, step):
        return str(path)
    return _folder_of_run(run, num_strokes)


def _export_once(
    model: str,
    path: pathlib.Path,
    num_strokes: int | None,
    step: int | None = None,
) -> bool:
    """Whether the export has the weights of the step, if one is given.

    Training may write a newer checkpoint before this one is exported. The
    export is then removed.
    """
    with locking.locked(path.parent):
        _export_missing(model, path, num_strokes)
        if step in (None, exported.ExportedModel(path).facts["step"]):
            return True
        shutil.rmtree(path)
        return False


def _export_missing(
    model: str, path: pathlib.Path, num_strokes: int | None
) -> None:
    if versions.has_one(path):
        return
    sys.stderr.write(
        f"Exporting {model} to {path}. This takes about a minute and is "
        "done only once.\n"
    )
    exporting.export(model, path, num_strokes=num_strokes)
