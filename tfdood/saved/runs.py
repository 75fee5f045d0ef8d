"""Reads run folders: the configuration and the trained weights.

The package `train` writes run folders; exporting and evaluating read them.
"""

import os
import pathlib
import re

import keras
import tensorflow as tf
from absl import logging

from tfdood.files import patterns
from tfdood.settings import schema
from tfdood.settings import text as settings_lib

CHECKPOINTS = "checkpoints"
"""The folder of the checkpoints in a run folder."""

BEST = "best"
"""The folder, in a run folder, of the best weights, if the run keeps them."""

VALIDATION = "validation/"
"""Begins the names of measures of validation drawings."""

CHECKPOINT_NAME = "checkpoint"
"""The names of checkpoints are `checkpoint-STEP`."""

_READING_ERRORS = (tf.errors.OpError, IndexError, RuntimeError, ValueError)


class RunError(ValueError):
    """A run cannot start, continue or be read; the message says what to do."""


def read_config(path: str | os.PathLike) -> schema.Config:
    """Reads the configuration of a run folder.

    Args:
        path: the path of the folder.

    Returns:
        The configuration.

    Raises:
        FileNotFoundError: If the folder has no configuration.
        RunError: If the configuration is damaged or not valid.
    """
    file = pathlib.Path(path) / "config.json"
    if not file.exists():
        raise FileNotFoundError(
            f"{path} is not a run folder: it holds no config.json. Train a "
            "model with python -m train.main --run_dir, or give the folder of "
            "a run."
        )
    return read_file(file)


def read_file(file: pathlib.Path) -> schema.Config:
    """Reads a file `config.json`.

    Args:
        file: the path of the file.

    Returns:
        The configuration.

    Raises:
        RunError: If the configuration is damaged or not valid.
        OSError: If the file cannot be read.
    """
    try:
        return settings_lib.from_json(file.read_text())
    except ValueError as error:
        raise RunError(f"{file} cannot be used: {error}") from error


def weights(run_dir: pathlib.Path) -> pathlib.Path:
    """Finds the checkpoints from which a run is exported.

    Args:
        run_dir: a run folder.

    Returns:
        The folder of the best weights, if the run keeps them
        (`training.keep_best`); else the folder of all checkpoints.
    """
    best = run_dir / BEST
    return best if saved_steps(best) else run_dir / CHECKPOINTS


def restore_model(model: keras.Model, folder: pathlib.Path) -> int:
    """Restores the weights of a model, without the state of the training.

    Args:
        model: a model of the same configuration as the checkpoints.
        folder: the folder of the checkpoints.

    Returns:
        The number of steps for which the model was trained.

    Raises:
        RunError: If there is no intact checkpoint, or if it does not fit the
            model.
    """
    step, path = newest_intact(folder)
    if path is None:
        raise RunError(
            f"There is no checkpoint in {folder}; give the folder of a run, or "
            "train for longer first."
        )
    checkpoint = tf.train.Checkpoint(model=variables(model))
    try:
        restore(checkpoint, path, model_only=True)
    except tf.errors.NotFoundError:  # Training has replaced it meanwhile.
        return restore_model(model, folder)
    return step


def variables(model: keras.Model) -> list[tf.Variable]:
    """Lists the variables of a model, as checkpoints store them.

    Checkpoints of a Keras model itself would omit layers in Python lists.

    Args:
        model: the model.

    Returns:
        The TensorFlow variables, in the order of `model.variables`.
    """
    return [variable.value for variable in model.variables]


def saved_steps(folder: pathlib.Path) -> list[int]:
    """Lists the steps that have a checkpoint.

    Args:
        folder: the folder of the checkpoints.

    Returns:
        The steps, the newest first.
    """
    names = (path.name for path in folder.glob(f"{CHECKPOINT_NAME}-*.index"))
    matches = (
        re.fullmatch(rf"{CHECKPOINT_NAME}-(\d+)\.index", name) for name in names
    )
    return sorted((int(m[1]) for m in matches if m), reverse=True)


def newest_intact(folder: pathlib.Path) -> tuple[int, pathlib.Path | None]:
    """Finds the newest checkpoint that is intact.

    Args:
        folder: the folder of the checkpoints.

    Returns:
        The step and the path of the checkpoint; 0 and None if there is no
        checkpoint.

    Raises:
        RunError: If there are checkpoints but all are damaged.
        ValueError: If the path has a character such as `*`, `?` or `[`.
    """
    steps = saved_steps(folder)
    if steps:
        patterns.refuse(folder)
    for step in steps:
        path = folder / f"{CHECKPOINT_NAME}-{step}"
        damage = _damage(path)
        if not damage:
            return step, path
        logging.warning(
            "The checkpoint %s is damaged (%s); trying the previous one.",
            path,
            damage,
        )
    if steps != saved_steps(folder):  # Training has replaced one meanwhile.
        return newest_intact(folder)
    if steps:
        then = "start again from step 0"
        if folder.name == BEST:
            then = "use the newest weights in place of the best ones"
        raise RunError(
            f"None of the {len(steps)} checkpoints in {folder} can "
            f"be read; remove that folder to {then}."
        )
    return 0, None


def restore(
    checkpoint: tf.train.Checkpoint,
    path: pathlib.Path,
    model_only: bool = False,
) -> None:
    """Restores a checkpoint into variables.

    Args:
        checkpoint: the object that holds the variables.
        path: the path of the checkpoint on the disk.
        model_only: whether the checkpoint may hold values that are not
            restored.

    Raises:
        RunError: If the checkpoint does not fit the variables.
    """
    try:
        status = checkpoint.restore(str(path))
        if model_only:
            status.assert_existing_objects_matched().expect_partial()
        else:
            status.assert_consumed()
    except (AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise RunError(
            f"The checkpoint {path} does not fit the model that its "
            f"configuration describes ({reason}); use the version of "
            "tfdood that wrote it, or another run folder."
        ) from error


def _damage(path: pathlib.Path) -> str:
    """Reads a whole checkpoint; returns the error, or "" if it is intact."""
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except _READING_ERRORS as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return ""
