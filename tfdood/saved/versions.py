"""Version folders that are either complete or not there."""

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator

from tfdood.files import locking

_UNFINISHED = "unfinished"


@contextlib.contextmanager
def new_version(export_dir: str | os.PathLike) -> Iterator[pathlib.Path]:
    """A folder to write into, which becomes the next version when it is whole.

    Servers look for folders whose names are numbers; until all is written, the
    folder has another name beside them. What a killed process left behind is
    removed; a second process waits until the first one is done.

    Args:
        export_dir: folder of all versions; made if it does not exist.

    Yields:
        The folder to write into, empty.

    Raises:
        ValueError: If it is a version itself.
        OSError: If it cannot be written; there is then no new version.
    """
    parent = pathlib.Path(export_dir)
    if (parent / "saved_model.pb").exists():
        raise ValueError(
            f"{parent} is a version of an exported model; give the folder of "
            f"its versions, {parent.parent}."
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
    """Puts all files on the disk, so that a crash leaves none of them half."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
