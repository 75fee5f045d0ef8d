"""Files that are either complete or as they were before."""

import contextlib
import os
import pathlib
import secrets
from collections.abc import Iterator
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Opens a new file, which takes the place of another one at the end.

    If the disk is full, or the process is killed, the file of before stays. Of
    several processes that replace a file, the last one wins.

    Args:
        path: of the file; its folder exists.

    Yields:
        The new file, to write to.

    Raises:
        OSError: If the file cannot be written.
    """
    path = pathlib.Path(path)
    # The name of the file may be as long as names can be.
    unfinished = path.with_name(f"{secrets.token_hex(8)}.unfinished")
    with _named(path):
        file = unfinished.open("xb")
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _named(path):
            unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _named(path: pathlib.Path) -> Iterator[None]:
    """Lets errors name this file alone."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
