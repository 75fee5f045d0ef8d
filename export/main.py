"""Exports a trained run as a SavedModel for TensorFlow Serving.

    python -m export.main --run_dir=runs/dood_mnist --export_dir=models/mnist

The first export writes `models/mnist/1`, the second one `models/mnist/2`, and
so on. With `--litert`, there are LiteRT files in `models/mnist/1/litert` too.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys

from absl import flags

from tfdood import console
from tfdood.saved import exporting


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "run_dir",
        None,
        "Folder of the run, or pretrained:NAME.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_string(
        "export_dir",
        None,
        "Folder of the model's versions. Its name is the name of the model.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_integer(
        "num_particles",
        None,
        "Number of posterior samples of each image in log_likelihood; by "
        "default 10.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_strokes",
        None,
        "Largest number of strokes of a drawing; by default as in training.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "refinement_steps",
        None,
        "Steps of gradient ascent in reconstruct_refined; by default those "
        "of the settings of the run.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_boolean(
        "litert",
        default=False,
        help="Also write LiteRT files into the folder litert of the version, "
        "for programs without TensorFlow and for browsers.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Exports a run.

    Args:
        options: the values of the flags.

    Raises:
        ValueError: If the run cannot be used, or a setting is out of its range.
        OSError: If the run does not exist, or the folder cannot be written.
    """
    version = exporting.export(
        run_dir=options.run_dir,
        export_dir=options.export_dir,
        num_particles=options.num_particles,
        num_strokes=options.num_strokes,
        refinement_steps=options.refinement_steps,
        with_litert=options.litert,
    )
    sys.stdout.write(f"Exported {version}\n")


def run() -> None:
    """Runs the command on the arguments of this process."""
    console.run(define, main)


if __name__ == "__main__":
    run()
