"""Exports a trained run as a SavedModel for TensorFlow Serving.

    python -m export.main --run_dir=runs/dood_mnist --export_dir=models/mnist

writes `models/mnist/1`, next time `2`, and so on.
"""

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import pathlib
import sys

import numpy as np
import tensorflow as tf
from absl import app, flags

from export import model_card, saving, signatures, warmup
from tfdood import config as config_lib
from tfdood import models
from tfdood.evaluate import exported
from train import checkpoints, errors, run_folder

_RUN_DIR = flags.DEFINE_string("run_dir", None, "Folder of the run.")
_EXPORT_DIR = flags.DEFINE_string(
    "export_dir", None, "Folder of the model's versions; its name is theirs."
)
_NUM_PARTICLES = flags.DEFINE_integer(
    "num_particles",
    10,
    "Posterior samples of an image behind each log_likelihood.",
    lower_bound=1,
)
_NUM_STROKES = flags.DEFINE_integer(
    "num_strokes", None, "Most strokes a drawing, if not as trained."
)
_USAGE_ERROR = 2


def main(argv: list[str]) -> int:
    """Runs the command; returns its exit code."""
    try:
        if len(argv) > 1:
            raise ValueError(f"Flags start with --, got {argv[1]!r}.")
        version = export(
            _RUN_DIR.value,
            _EXPORT_DIR.value,
            _NUM_PARTICLES.value,
            _NUM_STROKES.value,
        )
    except (errors.RunError, ValueError, OSError, tf.errors.OpError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return _USAGE_ERROR
    sys.stdout.write(f"Exported {version}\n")
    return 0


def export(
    run_dir: str,
    export_dir: str,
    num_particles: int = 10,
    num_strokes: int | None = None,
) -> pathlib.Path:
    """Exports the newest intact checkpoint of a run.

    Args:
        run_dir: folder of the run.
        export_dir: folder of the model's versions.
        num_particles: of the importance weighted bound.
        num_strokes: `T`, if not as trained.

    Returns:
        The folder of the new version.

    Raises:
        errors.RunError: If there is no such run, or no intact checkpoint.
        ValueError: If a setting is out of its range.
        OSError: If the folder cannot be written.
    """
    run = pathlib.Path(run_dir)
    config = run_folder.read_config(run)
    if num_strokes is not None:
        config = config_lib.override(
            config, [f"model.num_strokes={num_strokes}"]
        )
    model = models.build(config.model)
    step = checkpoints.restore_model(model, run / "checkpoints")
    module, functions = signatures.build(
        model,
        config.model.image_size,
        config.model.num_control_points,
        num_particles,
    )
    inputs = {name: _inputs(f) for name, f in functions.items()}
    metrics, measured_on = model_card.measured(run)
    facts = model_card.Facts(
        config, step, metrics, measured_on, num_particles, inputs
    )
    with saving.new_version(export_dir) as folder:
        tf.saved_model.save(module, str(folder), functions)
        warmup.write(folder, _requests(functions))
        name = pathlib.Path(export_dir).resolve().name
        model_card.write(folder, name, facts)
    return exported.newest_version(export_dir)


def _inputs(function) -> list[str]:
    return [spec.name for spec in function.structured_input_signature[0]]


def _requests(functions) -> dict[str, dict[str, np.ndarray]]:
    """One request for each signature, all about one drawing of the model."""
    seeds = tf.constant([[0, 0]])
    drawing = functions["generate"](seeds)
    image = drawing["canvas"]
    known = {
        "images": image,
        "seeds": seeds,
        "temperature": tf.constant([1.0]),
        "image_bytes": tf.io.encode_png(
            tf.image.convert_image_dtype(image[0], tf.uint8)
        )[tf.newaxis],
        **drawing,
        **functions["parse"](image, seeds),
    }
    return {
        name: {key: known[key].numpy() for key in _inputs(function)}
        for name, function in functions.items()
    }


if __name__ == "__main__":
    flags.mark_flags_as_required(["run_dir", "export_dir"])
    app.run(main)
