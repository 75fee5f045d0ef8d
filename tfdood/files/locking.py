"""An exclusive lock on a folder."""

import contextlib
import fcntl
import os
import pathlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def locked(folder: pathlib.Path, *, wait: bool = True) -> Iterator[None]:
    """Holds an exclusive lock on a folder; says so if it has to wait.

    The operating system releases the lock if the process is killed. Processes
    of other machines that share the folder may not see the lock.

    Args:
        folder: the folder to lock; it is created if it does not exist.
        wait: whether to wait while another process holds the lock.

    Raises:
        BlockingIOError: If another process holds the lock, and `wait` is false.
        OSError: If the folder cannot be created or read.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        # The process that held the lock may have removed the folder.
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue
        with _locked(descriptor, folder, wait):
            if _is_at(folder, descriptor):
                yield
                return


@contextlib.contextmanager
def _locked(
    descriptor: int, folder: pathlib.Path, wait: bool
) -> Iterator[None]:
    """Locks the folder of a descriptor, and closes the descriptor."""
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise
            sys.stderr.write(f"Waiting for another process in {folder}.\n")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # A forked child shares the descriptor, so closing it is not enough.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _is_at(folder: pathlib.Path, descriptor: int) -> bool:
    """Whether a path still is the folder of a descriptor."""
    try:
        return os.path.samestat(folder.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
