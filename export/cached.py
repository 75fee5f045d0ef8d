"""Pretrained models as SavedModels, exported when they are first needed."""

import hashlib
import os
import pathlib
import sys

from export import main
from tfdood import pretrained
from tfdood.evaluate import exported

_CACHE_VARIABLE = "XDG_CACHE_HOME"


def folder(model: str) -> str:
    """The folder of a model, wherever it is.

    `pretrained:NAME` is exported to the user's cache, once for each file of
    weights: about a minute.

    Args:
        model: a folder, or `pretrained:NAME`.

    Returns:
        A folder with versions of an exported model.

    Raises:
        ValueError: If there is no such pretrained model.
        OSError: If the cache cannot be written.
    """
    if not model.startswith(pretrained.PREFIX):
        return model
    name = model.removeprefix(pretrained.PREFIX)
    content = pretrained.path_of(name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    cache = os.environ.get(_CACHE_VARIABLE) or pathlib.Path.home() / ".cache"
    path = pathlib.Path(cache) / "tfdood" / digest / f"pretrained_{name}"
    try:
        exported.newest_version(path)
    except FileNotFoundError:
        sys.stderr.write(f"Exporting {model} to {path}, once: a minute.\n")
        main.export(model, path)
    return str(path)
