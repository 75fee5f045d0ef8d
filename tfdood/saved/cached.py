"""Pretrained models as SavedModels, exported when they are first needed."""

import hashlib
import os
import pathlib
import sys

import tensorflow as tf

from tfdood.files import locking
from tfdood.saved import exported, exporting, pretrained

_CACHE_VARIABLE = "XDG_CACHE_HOME"
_ROOT = pathlib.Path(__file__).parents[1]


def folder(model: str) -> str:
    """The folder of a model, wherever it is.

    `pretrained:NAME` is exported to the user's cache, once for each version of
    its weights, of this code and of TensorFlow: about a minute. Of several
    processes that need it at once, one exports.

    Args:
        model: a folder, or `pretrained:NAME`.

    Returns:
        A folder with versions of an exported model.

    Raises:
        ValueError: If there is no such pretrained model, or it is damaged.
        OSError: If the cache cannot be written.
    """
    if not model.startswith(pretrained.PREFIX):
        return model
    name = model.removeprefix(pretrained.PREFIX)
    digest = _digest([pretrained.path_of(name), *_sources()])
    cache = os.environ.get(_CACHE_VARIABLE) or pathlib.Path.home() / ".cache"
    path = pathlib.Path(cache) / "tfdood" / digest / f"pretrained_{name}"
    with locking.locked(path.parent):
        try:
            exported.newest_version(path)
        except FileNotFoundError:
            sys.stderr.write(f"Exporting {model} to {path}, once: a minute.\n")
            try:
                exporting.export(model, path)
            except tf.errors.OpError as error:
                raise OSError(f"{path} cannot be written: {error}") from error
    return str(path)


def _sources() -> list[pathlib.Path]:
    """All code that may shape an exported model."""
    return sorted(_ROOT.rglob("*.py"))


def _digest(paths: list[pathlib.Path]) -> str:
    digest = hashlib.sha256(tf.__version__.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
