"""Names of folders that TensorFlow takes for patterns."""

import os

_SPECIAL = "*?[\\"


def refuse(folder: str | os.PathLike) -> None:
    """Refuses folders in which TensorFlow would look for other files.

    Where TensorFlow looks for the files of a checkpoint, `a[1]` stands for
    `a1`: it would not find those in `a[1]`, and would remove those in `a1`.

    Args:
        folder: its path.

    Raises:
        ValueError: If the path has a character of patterns.
    """
    found = [character for character in _SPECIAL if character in str(folder)]
    if found:
        raise ValueError(
            f"{folder} has {' and '.join(found)} in its path, which TensorFlow "
            "takes for a pattern of other names; rename the folder, or choose "
            "another one."
        )
