"""Keeps a trained run as a pretrained model of the package.

    python -m tools.ship --run_dir=runs/dood_mnist --name=mnist

writes `tfdood/weights/mnist.npz`, with the newest figures that `train.held_out`
or the training measured.
"""

from tfdood.saved import runs

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import pathlib
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfdood import models
from tfdood.saved import card as model_card
from tfdood.saved import pretrained

_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--run_dir", required=True, type=pathlib.Path, help="folder of the run"
    )
    parser.add_argument("--name", required=True, help="of the model")
    arguments = parser.parse_args(argv)
    try:
        path = ship(arguments.run_dir, arguments.name)
    except (runs.RunError, ValueError, OSError, tf.errors.OpError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return _USAGE_ERROR
    sys.stdout.write(f"Wrote {path}, {path.stat().st_size / 2**20:.1f} MiB\n")
    return 0


def ship(run_dir: pathlib.Path, name: str) -> pathlib.Path:
    """Writes the newest intact checkpoint of a run as a pretrained model.

    Args:
        run_dir: folder of the run.
        name: of the model.

    Returns:
        The file.

    Raises:
        OSError: If there is no such run.
        runs.RunError: If it has no intact checkpoint.
        ValueError: If its weights do not fit into half precision.
    """
    config = runs.read_config(run_dir)
    model = models.build(config.model)
    step = runs.restore_model(model, run_dir / runs.CHECKPOINTS)
    metrics, measured_on = model_card.measured(run_dir)
    facts = {"step": step, "metrics": metrics, "measured_on": measured_on}
    weights = [np.asarray(v.value) for v in model.variables]
    pretrained.FOLDER.mkdir(exist_ok=True)
    path = pretrained.FOLDER / f"{name}.npz"
    pretrained.write(path, pretrained.Pretrained(config, facts, weights))
    return path


if __name__ == "__main__":
    sys.exit(main())
