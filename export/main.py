"""Exports a trained run as a SavedModel for TensorFlow Serving.

    python -m export.main --run_dir=runs/dood_mnist --export_dir=models/mnist

writes `models/mnist/1`, next time `models/mnist/2`, and so on.
"""

from tfdood import console  # isort: skip  # Starts TensorFlow quietly.

import sys

from absl import flags

from tfdood.saved import exporting


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where they are declared.
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
        "Folder of the model's versions; its name is the name of the model.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_integer(
        "num_particles",
        10,
        "Posterior samples of an image for each log_likelihood.",
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


def main(options: flags.FlagValues) -> None:
    """Exports the run.

    Args:
        options: values of the flags.

    Raises:
        ValueError: If the run cannot be used, or a setting is out of range.
        OSError: If there is no such run, or the folder cannot be written.
    """
    version = exporting.export(
        run_dir=options.run_dir,
        export_dir=options.export_dir,
        num_particles=options.num_particles,
        num_strokes=options.num_strokes,
    )
    sys.stdout.write(f"Exported {version}\n")


def run() -> None:
    """Runs the command of this process."""
    console.run(define, main)


if __name__ == "__main__":
    run()
