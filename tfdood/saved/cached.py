"""Runs and pretrained models as SavedModels, exported when first needed."""

import hashlib
import os
import pathlib
import shutil
import sys
from collections.abc import Iterable

import tensorflow as tf

from tfdood.files import locking
from tfdood.saved import exported, exporting, pretrained, runs

_CACHE_VARIABLE = "XDG_CACHE_HOME"
_ROOT = pathlib.Path(__file__).parents[1]


def folder(model: str) -> str:
    """The folder of an exported model, which is exported first if needed.

    A run or a pretrained model is exported to the user's cache, which takes
    about a minute. This is done once for each version of its weights, of this
    code and of TensorFlow. If several processes need it at once, one of them
    exports and the others wait.

    Args:
        model: folder of an exported model or of one of its versions, folder of
            a run, or `pretrained:NAME`.

    Returns:
        A folder of an exported model, or of its versions.

    Raises:
        ValueError: If there is no such pretrained model, or the run or the
            pretrained model is damaged.
        FileNotFoundError: If there is no such model.
        OSError: If the cache cannot be written.
    """
    if model.startswith(pretrained.PREFIX):
        name = model.removeprefix(pretrained.PREFIX)
        weights = pretrained.path_of(name)
        digested = [weights, weights.with_suffix(".json")]
        path = _cache_of(digested) / f"pretrained_{name}"
        _export_once(model, path)
        return str(path)
    if _is_exported(model):
        return model
    return _folder_of_run(pathlib.Path(model))


def _folder_of_run(run: pathlib.Path) -> str:
    config, checkpoints = run / "config.json", run / runs.CHECKPOINTS
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
            f"There is no checkpoint in {checkpoints} yet; train for longer "
            "first."
        )
    files = sorted(checkpoints.glob(f"{checkpoint.name}.*"))
    path = _cache_of([config, *files]) / run.resolve().name
    _export_once(str(run), path)
    if exported.ExportedModel(path).facts["step"] != step:
        # Training wrote a newer checkpoint before this one was exported.
        shutil.rmtree(path)
        return _folder_of_run(run)
    return str(path)


def _export_once(model: str, path: pathlib.Path) -> None:
    with locking.locked(path.parent):
        if _is_exported(path):
            return
        sys.stderr.write(
            f"Exporting {model} to {path}, which takes about a minute and is "
            "done once.\n"
        )
        try:
            exporting.export(model, path)
        except tf.errors.OpError as error:
            raise OSError(
                f"{path} cannot be written: {error.message}"
            ) from error


def _is_exported(path: str | os.PathLike) -> bool:
    try:
        exported.newest_version(path)
    except FileNotFoundError:
        return False
    return True


def _cache_of(files: Iterable[pathlib.Path]) -> pathlib.Path:
    """The cache folder for these files, this code and this TensorFlow."""
    cache = os.environ.get(_CACHE_VARIABLE) or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "tfdood" / _digest([*files, *_sources()])


def _sources() -> list[pathlib.Path]:
    """All code that may change an exported model."""
    return sorted(_ROOT.rglob("*.py"))


def _digest(paths: Iterable[pathlib.Path]) -> str:
    digest = hashlib.sha256(tf.__version__.encode())
    for path in paths:  # The name of a checkpoint holds its step.
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
