"""Makes the embedded sample anew: `python -m tfdood.data.make_sample DIR`.

DIR holds the npz files that `tfdood.data.prepare` imports. The same files
give the same sample, byte for byte.
"""

import pathlib

from absl import app

from tfdood.data import datasets, embedded, sources

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
        found = sources.read_npz(name, sources.npz_path(name, folder))
        embedded.write(name, found, counts, _SEED)
    one_shot = sources.npz_path(datasets.ONE_SHOT, folder)
    embedded.write_one_shot(sources.read_one_shot_npz(one_shot))


if __name__ == "__main__":
    app.run(main)
