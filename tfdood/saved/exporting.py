"""Exports trained models as SavedModels with a model card."""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfdood import models
from tfdood.files import patterns
from tfdood.saved import (
    card,
    converting,
    families,
    litert,
    pretrained,
    runs,
    signatures,
    versions,
    warmup,
)
from tfdood.settings import schema
from tfdood.settings import text as settings_lib

_NUM_PARTICLES = 10


class Trained(NamedTuple):
    """A trained model, and the facts about its training.

    Attributes:
        model: the model with its trained weights.
        config: the configuration of the training.
        step: the number of steps for which the model was trained.
        metrics: the metrics on the drawings of `measured_on`, by name.
        measured_on: the drawings on which they were measured, in words.
    """

    model: models.Model
    config: schema.Config
    step: int
    metrics: dict[str, float]
    measured_on: str


def read(source: str, changes: list[str]) -> Trained:
    """Reads the weights of a run, or a pretrained model.

    Those of a run are of its best evaluation if the run keeps them, and else of
    the newest intact checkpoint.

    Args:
        source: the folder of a run, or `pretrained:NAME`.
        changes: settings that differ from those of the training, in the form
            `path=value`.

    Returns:
        The trained model.

    Raises:
        runs.RunError: If the run has no intact checkpoint.
        ValueError: If a setting is out of its range, or the pretrained model
            does not exist.
        OSError: If the run does not exist.
    """
    if source.startswith(families.PREFIX):
        kept = pretrained.read(source.removeprefix(families.PREFIX))
        config = _changed(kept.config, changes)
        facts = (kept.facts[k] for k in ("step", "metrics", "measured_on"))
        return Trained(kept.build(config), config, *facts)
    run = pathlib.Path(source)
    config = _changed(runs.read_config(run), changes)
    model = models.build(config.model)
    step = runs.restore_model(model, runs.weights(run))
    return Trained(model, config, step, *card.measured(run, step))


def _changed(config: schema.Config, changes: list[str]) -> schema.Config:
    paths = [change.partition("=")[0] for change in changes]
    settings_lib.check_flags(config, paths)
    return settings_lib.override(config, changes)


def export(
    run_dir: str | os.PathLike,
    export_dir: str | os.PathLike,
    num_particles: int | None = None,
    num_strokes: int | None = None,
    refinement_steps: int | None = None,
    *,
    with_litert: bool = False,
) -> pathlib.Path:
    """Exports the weights of a run, or a pretrained model.

    Those of a run are as in `read`.

    Args:
        run_dir: the folder of a run, or `pretrained:NAME`.
        export_dir: the folder of the model's versions; created if it does not
            exist.
        num_particles: the number of samples of the importance weighted bound
            of `log_likelihood`, at least 1; by default 10.
        num_strokes: `T`, the largest number of strokes of a drawing; by default
            as in training.
        refinement_steps: of `reconstruct_refined`; by default as in the
            configuration.
        with_litert: whether to write LiteRT files too, into `litert.FOLDER` of
            the new version.

    Returns:
        The folder of the new version.

    Raises:
        runs.RunError: If the run has no intact checkpoint.
        ValueError: If a setting is out of its range, TensorFlow takes
            `export_dir` for a pattern, it is a version itself or the folder of
            a run, the pretrained model does not exist,
            the model has no bound but `num_particles` is given, or a weight is
            too large for LiteRT files.
        OSError: If the run does not exist, or the folder cannot be written.
    """
    patterns.refuse(export_dir)
    wanted = {"num_strokes": num_strokes, "refinement_steps": refinement_steps}
    changes = [f"model.{k}={v}" for k, v in wanted.items() if v is not None]
    trained = read(str(run_dir), changes)
    model, config = trained.model, trained.config
    if num_particles and "log_likelihood" not in model.signatures(1):
        raise ValueError(
            f"{run_dir} has no signature log_likelihood, got "
            f"num_particles={num_particles}; leave it out."
        )
    num_particles = num_particles or _NUM_PARTICLES
    measured_on = trained.measured_on
    if num_strokes is not None:
        measured_on += f", before {changes[0]}"
    weights = [np.asarray(variable.value) for variable in model.variables]
    if (pathlib.Path(export_dir) / runs.CHECKPOINTS).exists():
        raise ValueError(
            f"{export_dir} is the folder of a run. A model that is exported "
            "there would hide newer weights of the run; give another "
            "--export_dir."
        )
    title = pathlib.Path(export_dir).resolve().name
    with versions.new_version(export_dir) as folder:
        module, functions = signatures.build(model, num_particles)
        facts = card.Facts(
            config=config,
            description=model.description,
            step=trained.step,
            metrics=trained.metrics,
            measured_on=measured_on,
            num_particles=num_particles,
            signatures={name: _inputs(f) for name, f in functions.items()},
            fingerprint=card.fingerprint(config, num_particles, weights),
        )
        with _errors_of_files(folder.parent):
            tf.saved_model.save(module, str(folder), functions)
            warmup.write(folder, _requests(functions))
        card.write(folder, title, facts)
        if with_litert:
            converting.write(folder / litert.FOLDER, model, config)
    return versions.newest(export_dir)


@contextlib.contextmanager
def _errors_of_files(folder: pathlib.Path) -> Iterator[None]:
    """Raises TensorFlow's errors of files as `OSError`."""
    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(f"{folder} cannot be written: {error.message}") from error


def _inputs(function: Any) -> list[str]:
    return [spec.name for spec in function.structured_input_signature[0]]


def _requests(functions: dict[str, Any]) -> dict[str, dict[str, np.ndarray]]:
    """Makes a request for each signature, with a drawing of the model.

    Signatures of single steps of a drawing have none: a server is not asked for
    them alone.
    """
    seeds = tf.constant([[0, 0]])
    drawing = functions["generate"](seeds)
    image = tf.clip_by_value(drawing["canvas"], 0.0, 1.0)
    known = {
        "images": image,
        "seeds": seeds,
        "temperature": tf.constant([1.0]),
        "num_steps": tf.constant([1]),
        "learning_rate": tf.constant([0.01]),
        "pen_rate": tf.constant([0.01]),
        "image_bytes": tf.io.encode_png(
            tf.image.convert_image_dtype(image[0], tf.uint8)
        )[tf.newaxis],
        **drawing,
        **(functions["parse"](image, seeds) if "parse" in functions else {}),
    }
    return {
        name: {key: known[key].numpy() for key in _inputs(function)}
        for name, function in functions.items()
        if known.keys() >= set(_inputs(function))
    }
