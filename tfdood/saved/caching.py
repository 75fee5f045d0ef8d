"""Where the user's cache keeps what is made of models when it is first used."""

import hashlib
import os
import pathlib
from collections.abc import Iterable
from importlib import metadata

_CACHE_VARIABLE = "XDG_CACHE_HOME"
_ROOT = pathlib.Path(__file__).parents[1]


def place(files: Iterable[pathlib.Path]) -> pathlib.Path:
    """Finds the folder for what is made of some files.

    Args:
        files: of a model.

    Returns:
        A folder. It is another one if the files, the code of tfdood or the
        version of TensorFlow have changed.

    Raises:
        OSError: If the folder cannot be created.
    """
    cache = os.environ.get(_CACHE_VARIABLE) or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(cache) / "tfdood" / _digest([*files, *_sources()])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"The cache {folder} cannot be written ({error.strerror}); set "
            f"{_CACHE_VARIABLE} to a folder that can."
        ) from error
    return folder


def named(name: str, num_strokes: int | None) -> str:
    """Tells models with other numbers of strokes apart.

    Args:
        name: of a model.
        num_strokes: of its drawings; None if it is that of the training.

    Returns:
        The name, with the number.
    """
    return name if num_strokes is None else f"{name}_{num_strokes}"


def _sources() -> list[pathlib.Path]:
    """Lists all code on which an exported model may depend."""
    # Editors put links that lead nowhere beside files that they have open.
    return sorted(path for path in _ROOT.rglob("*.py") if path.is_file())


def _digest(paths: Iterable[pathlib.Path]) -> str:
    digest = hashlib.sha256(metadata.version("tensorflow").encode())
    for path in paths:  # The name of a checkpoint contains its step.
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
