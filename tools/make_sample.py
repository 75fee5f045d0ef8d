"""Writes the embedded sample of each dataset.

    python -m tools.make_sample --source=DIR

`DIR` holds the npz files of all datasets, of the one-shot runs and of the pen
strokes, in the format that `tfdood.data.prepare` imports. The command
overwrites `tfdood/data/sample/*.npz`. The same input files give exactly the
same sample.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import pathlib
import sys
from collections.abc import Sequence

import numpy as np
from absl import flags

from tfdood import console
from tfdood.data import alphabets, datasets, embedded
from tfdood.data.importers import npz_files, pen_stroke_files, pen_stroke_npz

_SEED = 0

_COUNTS = {
    "mnist": {"train": 4_000, "test": 1_000},
    "emnist": {"train": 3_000, "test": 1_000},
    "kmnist": {"train": 3_000, "test": 1_000},
    "quickdraw": {"train": 4_000, "test": 1_000},
    "omniglot": {"train": 3_000, "test": 1_000},
}


_STROKE_COUNTS = {"train": 600, "validation": 200, "test": 100}


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "source", None, "Folder of the npz files.", flag_values=values
    )


def main(options: flags.FlagValues) -> None:
    """Writes the files of the sample, and prints their folder.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If `--source` is missing, or a file is damaged.
        OSError: If a file does not exist or cannot be written.
    """
    if not options.source:
        raise ValueError("Give the folder of npz files with --source=DIR.")
    folder = pathlib.Path(options.source).expanduser()
    for name, counts in _COUNTS.items():
        drawings = npz_files.read(name, folder)
        if drawings is None:
            raise _missing(name, npz_files.file_names(name), folder)
        embedded.write(name, drawings, counts, _SEED)
    runs = npz_files.read_one_shot(folder)
    if runs is None:
        files = npz_files.file_names(datasets.ONE_SHOT)
        raise _missing(datasets.ONE_SHOT, files, folder)
    embedded.write_one_shot(runs)
    _write_strokes(folder)
    sys.stdout.write(f"Wrote the sample to {embedded.FOLDER}.\n")


def _write_strokes(folder: pathlib.Path) -> None:
    drawings = pen_stroke_files.read(folder)
    if drawings is None:
        raise _missing(datasets.STROKES[0], pen_stroke_npz.FILES, folder)
    splits = alphabets.split_of_strokes(
        np.array([drawing.class_id for drawing in drawings])
    )
    by_split = {
        split: [drawings[row] for row in np.flatnonzero(splits == split)]
        for split in _STROKE_COUNTS
    }
    embedded.write_strokes(by_split, _STROKE_COUNTS, _SEED)


def _missing(
    name: str, files: Sequence[str], folder: pathlib.Path
) -> FileNotFoundError:
    return FileNotFoundError(
        f"No npz file of {name} in {folder}: expected {' or '.join(files)}; "
        "the sample needs the files of all datasets, of the one-shot runs and "
        "of the pen strokes."
    )


if __name__ == "__main__":
    console.run(define, main)
