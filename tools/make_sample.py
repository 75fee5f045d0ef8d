"""Makes the embedded sample anew: `python -m tools.make_sample DIR`.

DIR holds the npz files that `tfdood.data.prepare` imports. The same files
give the same sample, byte for byte.
"""

import pathlib
import sys

from absl import app

from tfdood.data import datasets, embedded
from tfdood.data.importers import npz_files

_SEED = 0

_COUNTS = {
    "mnist": {"train": 4_000, "test": 1_000},
    "emnist": {"train": 3_000, "test": 1_000},
    "kmnist": {"train": 3_000, "test": 1_000},
    "quickdraw": {"train": 4_000, "test": 1_000},
    "omniglot": {"train": 3_000, "test": 1_000},
}


def main(argv: list[str]) -> None:
    """Writes `sample/*.npz`."""
    if len(argv) != 2:
        raise app.UsageError("Give the folder of npz files.")
    folder = pathlib.Path(argv[1])
    for name, counts in _COUNTS.items():
        drawings = npz_files.read(name, folder)
        _check_found(name, drawings, folder)
        embedded.write(name, drawings, counts, _SEED)
    runs = npz_files.read_one_shot(folder)
    _check_found(datasets.ONE_SHOT, runs, folder)
    embedded.write_one_shot(runs)


def _check_found(name: str, found, folder: pathlib.Path) -> None:
    if found is None:
        sys.exit(
            f"No npz file of {name} in {folder}; the sample is made of all "
            "datasets and the one-shot runs."
        )


if __name__ == "__main__":
    app.run(main)
