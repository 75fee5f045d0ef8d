"""Finds LiteRT files, and converts pretrained models when they are first used.

    model = litert.LiteRTModel(converted.folder("pretrained:quickdraw"))

TensorFlow is imported only when a model is converted.
"""

import pathlib
import sys

from tfdood.files import locking
from tfdood.saved import caching, families, litert, versions


def folder(model: str, num_strokes: int | None = None) -> pathlib.Path | None:
    """Finds the LiteRT files of a model.

    The files of a pretrained model lie in the user's cache. They are written
    when they are first needed, which takes minutes, and again if the weights,
    the code of tfdood or the version of TensorFlow have changed. If several
    processes need them at the same time, one writes them and the others wait.

    Args:
        model: the folder of an exported model or of one of its versions, the
            folder of a run, or `pretrained:NAME`.
        num_strokes: the largest number of strokes of a drawing; by default as
            in training.

    Returns:
        The folder for `litert.LiteRTModel`; None if the model has no such
        files: a run, or a model exported without `--litert`, or whose number of
        strokes is fixed.

    Raises:
        ValueError: If the pretrained model does not exist, or is damaged.
        OSError: If the cache cannot be written.
    """
    if model.startswith(families.PREFIX):
        return _of_pretrained(model, num_strokes)
    if num_strokes is not None:
        return None
    try:
        newest = versions.newest(model)
    except FileNotFoundError:
        return None
    found = newest / litert.FOLDER
    return found if (found / litert.DESCRIPTION).exists() else None


def _of_pretrained(model: str, num_strokes: int | None) -> pathlib.Path:
    name = model.removeprefix(families.PREFIX)
    files = [families.WEIGHTS / f"{name}{end}" for end in (".npz", ".json")]
    if not all(file.is_file() for file in files):
        from tfdood import quiet  # noqa: F401  # isort: skip
        from tfdood.saved import pretrained

        pretrained.path_of(name)  # Says which models there are.
    path = caching.place(files) / caching.named(f"litert_{name}", num_strokes)
    with locking.locked(path.parent):
        if not litert.is_complete(path):
            sys.stderr.write(
                f"Converting {model} to {path}. This takes a minute or two and "
                "is done only once.\n"
            )
            _convert(model, path, num_strokes)
    return path


def _convert(model: str, path: pathlib.Path, num_strokes: int | None) -> None:
    from tfdood import quiet  # noqa: F401  # isort: skip
    from tfdood.saved import converting, exporting

    changes = [f"model.num_strokes={num_strokes}"] if num_strokes else []
    trained = exporting.read(model, changes)
    converting.write(path, trained.model, trained.config)
