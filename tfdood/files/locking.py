"""An exclusive lock on a folder."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def locked(folder: pathlib.Path) -> Iterator[None]:
    """Holds an exclusive lock on a folder.

    Other processes that lock the same folder wait until the lock is released.
    The operating system releases the lock if the process is killed.

    Args:
        folder: the folder to lock; it is created if it does not exist.

    Raises:
        OSError: If the folder cannot be created or read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # A forked child shares the descriptor, so closing it is not enough.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
