"""An exclusive lock on a folder."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def locked(folder: pathlib.Path, *, wait: bool = True) -> Iterator[None]:
    """Holds an exclusive lock on a folder.

    The operating system releases the lock if the process is killed.

    Args:
        folder: the folder to lock; it is created if it does not exist.
        wait: whether to wait while another process holds the lock.

    Raises:
        BlockingIOError: If another process holds the lock, and `wait` is false.
        OSError: If the folder cannot be created or read.
    """
    mode = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        # A forked child shares the descriptor, so closing it is not enough.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
