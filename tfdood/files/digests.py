"""Digests of files."""

import hashlib
import os
import pathlib


def of_file(path: str | os.PathLike) -> str:
    """The first 8 hexadecimal digits of the SHA-256 of a file.

    Args:
        path: of the file.

    Raises:
        OSError: If the file cannot be read.
    """
    with pathlib.Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]


def of_bytes(content: bytes) -> str:
    """The first 8 hexadecimal digits of the SHA-256 of some bytes.

    Args:
        content: of a file.
    """
    return hashlib.sha256(content).hexdigest()[:8]
