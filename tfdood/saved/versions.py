"""Numbered version folders; a version is either complete or absent."""

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator

from tfdood.files import locking

_UNFINISHED = ".unfinished_version"
_GRAPH = "saved_model.pb"


def newest(folder: str | os.PathLike) -> pathlib.Path:
    """Finds the newest version of an exported model.

    Args:
        folder: the folder of a SavedModel, or the folder of numbered versions.

    Returns:
        The folder that holds `saved_model.pb`.

    Raises:
        FileNotFoundError: If there is no exported model.
    """
    folder = pathlib.Path(folder)
    if (folder / _GRAPH).exists():
        return folder
    found = [path.parent for path in folder.glob(f"*/{_GRAPH}")]
    found = [path for path in found if path.name.isdecimal()]
    if not found:
        raise FileNotFoundError(
            f"{folder} holds no exported model: expected a saved_model.pb, or "
            "folders named by version numbers that hold one. Export a run "
            "with python -m export.main."
        )
    return max(found, key=lambda path: int(path.name))


def has_one(folder: str | os.PathLike) -> bool:
    """Whether a folder is an exported model, or holds versions of one."""
    try:
        newest(folder)
    except FileNotFoundError:
        return False
    return True


@contextlib.contextmanager
def new_version(export_dir: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Yields an empty folder, which becomes the next version at the end.

    Servers load folders whose names are numbers. The folder therefore has
    another name until all files are written, and is then renamed. Unfinished
    folders of killed processes are removed. If two processes write a version of
    the same model, the second one waits for the first one.

    Args:
        export_dir: the folder of all versions; created if it does not exist.

    Yields:
        The empty folder.

    Raises:
        ValueError: If `export_dir` is itself a version.
        OSError: If the folder cannot be written; no version is then added.
    """
    parent = pathlib.Path(export_dir)
    if (parent / _GRAPH).exists():
        raise ValueError(
            f"{parent} is a version of an exported model; give the folder of "
            f"its versions instead, {parent.parent}."
        )
    with locking.locked(parent):
        unfinished = parent / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            yield unfinished
            _flush(unfinished)
            unfinished.rename(parent / str(_newest_number(parent) + 1))
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise


def _newest_number(parent: pathlib.Path) -> int:
    names = (path.name for path in parent.iterdir() if path.is_dir())
    return max((int(name) for name in names if name.isdecimal()), default=0)


def _flush(folder: pathlib.Path) -> None:
    """Waits until all files are on the disk, so that a crash damages none."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
