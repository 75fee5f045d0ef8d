"""Adds the model of a run to the package, as a pretrained model.

    python -m tools.ship --run_dir=runs/dood_mnist --name=mnist

This command writes `tfdood/weights/mnist.npz` with the weights, rounded, and
`tfdood/weights/mnist.json` with the settings and the newest metrics of the run.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import pathlib
import re
import sys

import numpy as np
from absl import flags

from tfdood import console
from tfdood.saved import exporting, pretrained


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "run_dir",
        None,
        "Folder of the run.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_string(
        "name",
        None,
        "Name of the model, as in pretrained:NAME.",
        flag_values=values,
        required=True,
    )


def main(options: flags.FlagValues) -> None:
    """Writes a run as a pretrained model, and prints the path of its weights.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If the run cannot be used.
        OSError: If the run does not exist, or a file cannot be written.
    """
    path = ship(pathlib.Path(options.run_dir), options.name)
    sys.stdout.write(f"Wrote {path}, {path.stat().st_size / 2**20:.1f} MiB\n")


def ship(run_dir: pathlib.Path, name: str) -> pathlib.Path:
    """Writes the weights of a run as a pretrained model.

    These are those of the best evaluation if the run keeps them, and else
    those of the newest intact checkpoint.

    Args:
        run_dir: the folder of the run.
        name: the name of the pretrained model.

    Returns:
        The path of the file with the weights.

    Raises:
        OSError: If the run does not exist, or a file cannot be written.
        runs.RunError: If the run has no intact checkpoint.
        ValueError: If the name is not one, or if a weight is too large for half
            precision.
    """
    if not re.fullmatch(r"\w+", name):
        raise ValueError(
            f"--name must be letters, digits and underscores, got {name!r}."
        )
    trained = exporting.read(str(run_dir), [])
    facts = {
        "step": trained.step,
        "metrics": trained.metrics,
        "measured_on": trained.measured_on,
    }
    weights = [np.asarray(v.value) for v in trained.model.variables]
    pretrained.FOLDER.mkdir(exist_ok=True)
    path = pretrained.FOLDER / f"{name}.npz"
    kept = pretrained.Pretrained(trained.config, facts, weights)
    pretrained.write(path, kept)
    return path


if __name__ == "__main__":
    console.run(define, main)
