"""Exports a trained run as a SavedModel for TensorFlow Serving.

    python -m export.main --run_dir=runs/dood_mnist --export_dir=models/mnist

writes `models/mnist/1`, next time `2`, and so on.
"""

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import pathlib
import sys
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfdood import arguments as argument_types
from tfdood import models
from tfdood.saved import card as model_card
from tfdood.saved import exported, pretrained, signatures, warmup
from tfdood.saved import versions as saving
from tfdood.settings import text as settings_lib
from train import checkpoints, errors, run_folder

_USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        version = export(**vars(arguments))
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
    """Exports the newest intact checkpoint of a run, or a pretrained model.

    Args:
        run_dir: folder of the run, or `pretrained:NAME`.
        export_dir: folder of the model's versions.
        num_particles: of the importance weighted bound.
        num_strokes: `T`, if not as trained.

    Returns:
        The folder of the new version.

    Raises:
        errors.RunError: If there is no intact checkpoint.
        ValueError: If a setting is out of its range, `export_dir` is a version
            itself, or there is no such pretrained model.
        OSError: If there is no such run, or the folder cannot be written.
    """
    changes = []
    if num_strokes is not None:
        changes.append(f"model.num_strokes={num_strokes}")
    is_shipped = str(run_dir).startswith(pretrained.PREFIX)
    restore = _pretrained if is_shipped else _trained
    model, config, step, metrics, measured_on = restore(run_dir, changes)
    if changes:
        measured_on += f", before {changes[0]}"
    weights = [np.asarray(variable.value) for variable in model.variables]
    title = pathlib.Path(export_dir).resolve().name
    with saving.new_version(export_dir) as folder:
        module, functions = signatures.build(
            model,
            config.model.image_size,
            config.model.num_control_points,
            num_particles,
        )
        facts = model_card.Facts(
            config=config,
            step=step,
            metrics=metrics,
            measured_on=measured_on,
            num_particles=num_particles,
            signatures={name: _inputs(f) for name, f in functions.items()},
            fingerprint=model_card.fingerprint(config, num_particles, weights),
        )
        tf.saved_model.save(module, str(folder), functions)
        warmup.write(folder, _requests(functions))
        model_card.write(folder, title, facts)
    return exported.newest_version(export_dir)


def _trained(run_dir: str, changes: list[str]):
    run = pathlib.Path(run_dir)
    config = settings_lib.override(run_folder.read_config(run), changes)
    model = models.build(config.model)
    step = checkpoints.restore_model(model, run / run_folder.CHECKPOINTS)
    return model, config, step, *model_card.measured(run)


def _pretrained(name: str, changes: list[str]):
    kept = pretrained.read(name.removeprefix(pretrained.PREFIX))
    config = settings_lib.override(kept.config, changes)
    facts = (kept.facts[k] for k in ("step", "metrics", "measured_on"))
    return kept.build(config), config, *facts


def _inputs(function) -> list[str]:
    return [spec.name for spec in function.structured_input_signature[0]]


def _requests(functions) -> dict[str, dict[str, np.ndarray]]:
    """One request for each signature, all about one drawing of the model."""
    seeds = tf.constant([[0, 0]])
    drawing = functions["generate"](seeds)
    image = tf.clip_by_value(drawing["canvas"], 0.0, 1.0)
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
