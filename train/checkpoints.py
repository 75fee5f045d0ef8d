"""Checkpoints that survive crashes, full disks and damaged files.

TensorFlow writes a checkpoint beside the earlier ones, under a temporary name,
and renames it when it is complete; each tensor in it carries a checksum.
"""

import pathlib
import re
import shutil
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from train import errors

_NAME = "checkpoint"
_READING_ERRORS = (tf.errors.OpError, IndexError, RuntimeError, ValueError)


class Checkpoints:
    """The checkpoints of a run, numbered by step.

    Args:
        trackables: everything that training changes, by name; variables must
            exist already (optimisers built).
        folder: where the checkpoints are; made if it does not exist.
        max_to_keep: the number of newest checkpoints that are kept.
    """

    def __init__(
        self,
        trackables: Mapping[str, Any],
        folder: pathlib.Path,
        max_to_keep: int = 3,
    ):
        self._folder = folder
        self._checkpoint = tf.train.Checkpoint(**trackables)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(folder), max_to_keep, checkpoint_name=_NAME
        )

    def save(self, step: int) -> None:
        """Saves a checkpoint, then removes the oldest ones.

        Args:
            step: the number of finished steps.

        Raises:
            OSError: If it cannot be written; the earlier ones are intact.
        """
        try:
            self._manager.save(checkpoint_number=step)
        except tf.errors.OpError as error:
            unfinished = self._folder / f"{_NAME}-{step}_temp"
            shutil.rmtree(unfinished, ignore_errors=True)
            reason = error.message.rpartition("; ")[2].partition(" [Op:")[0]
            raise OSError(
                f"Cannot save a checkpoint of step {step} in {self._folder}: "
                f"{reason}. The earlier checkpoints are intact: make room and "
                "give the same command again."
            ) from error

    def restore_latest(self, folder: pathlib.Path | None = None) -> int:
        """Restores the newest checkpoint that is intact.

        Args:
            folder: to restore from, if it is not the one to save in.

        Returns:
            The number of finished steps; 0 if there is no checkpoint yet.

        Raises:
            errors.RunError: If there are checkpoints but none is intact, or the
                newest that is does not fit the model.
        """
        step, path = _newest_intact(folder or self._folder)
        if path is not None:
            _restore(self._checkpoint, path)
            logging.info("Resuming from the checkpoint %s.", path)
        return step


def restore_model(model: keras.Model, folder: pathlib.Path) -> int:
    """Restores a model alone, to use it and not to train it.

    Args:
        model: of the configuration that wrote the checkpoints.
        folder: where the checkpoints are.

    Returns:
        The number of steps it was trained for.

    Raises:
        errors.RunError: If there is no intact checkpoint, or it does not fit.
    """
    step, path = _newest_intact(folder)
    if path is None:
        raise errors.RunError(
            f"There is no checkpoint in {folder} yet; train for longer first."
        )
    checkpoint = tf.train.Checkpoint(model=variables(model))
    _restore(checkpoint, path, model_only=True)
    return step


def variables(model: keras.Model) -> list[tf.Variable]:
    """All variables of a model, to be checkpointed as its "model".

    Checkpoints of Keras layers pass over layers that are held in lists.
    """
    return [variable.value for variable in model.variables]


def saved_steps(folder: pathlib.Path) -> list[int]:
    """The steps whose checkpoints lie in a folder, newest first."""
    names = (path.name for path in folder.glob(f"{_NAME}-*.index"))
    matches = (re.fullmatch(rf"{_NAME}-(\d+)\.index", name) for name in names)
    return sorted((int(m[1]) for m in matches if m), reverse=True)


def _newest_intact(folder: pathlib.Path) -> tuple[int, pathlib.Path | None]:
    """The step and path of a checkpoint, or 0 and None if there is none."""
    steps = saved_steps(folder)
    for step in steps:
        path = folder / f"{_NAME}-{step}"
        damage = _damage(path)
        if not damage:
            return step, path
        logging.warning(
            "The checkpoint %s is damaged (%s); trying the one before.",
            path,
            damage,
        )
    if steps:
        raise errors.RunError(
            f"None of the {len(steps)} checkpoints in {folder} can "
            "be read; remove that folder to start again from step 0."
        )
    return 0, None


def _restore(
    checkpoint: tf.train.Checkpoint,
    path: pathlib.Path,
    model_only: bool = False,
) -> None:
    try:
        status = checkpoint.restore(str(path))
        if model_only:
            status.assert_existing_objects_matched().expect_partial()
        else:
            status.assert_consumed()
    except (AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise errors.RunError(
            f"The checkpoint {path} does not fit the model that its "
            f"configuration describes ({reason}); use the version of "
            "tfdood that wrote it, or another run folder."
        ) from error


def _damage(path: pathlib.Path) -> str:
    """Reads all of a checkpoint; what is wrong with it, or nothing."""
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except _READING_ERRORS as error:
        return str(error).partition("\n")[0] or type(error).__name__
    return ""
