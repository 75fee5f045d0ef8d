"""Exports a trained run as a SavedModel for TensorFlow Serving.

    python -m export.main --run_dir=runs/dood_mnist --export_dir=models/mnist

writes `models/mnist/1`, next time `2`, and so on.
"""

from tfdood.saved import runs

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import sys
from collections.abc import Sequence

import tensorflow as tf

from tfdood import arguments as argument_types
from tfdood.saved import exporting

_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        version = exporting.export(**vars(arguments))
    except (runs.RunError, ValueError, OSError, tf.errors.OpError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return _USAGE_ERROR
    sys.stdout.write(f"Exported {version}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--run_dir",
        required=True,
        help="folder of the run, or pretrained:NAME",
    )
    parser.add_argument(
        "--export_dir",
        required=True,
        help="folder of the model's versions; its name is the model's",
    )
    parser.add_argument(
        "--num_particles",
        type=argument_types.positive,
        default=10,
        help="posterior samples of an image behind each log_likelihood",
    )
    parser.add_argument(
        "--num_strokes",
        type=argument_types.positive,
        help="most strokes a drawing, if not as trained",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
