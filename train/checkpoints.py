"""Checkpoints that survive crashes, full disks and damaged files.

TensorFlow writes a new checkpoint next to the earlier ones, under a temporary
name, and renames it when it is complete. Each tensor in it has a checksum.
"""

import pathlib
import shutil
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from absl import logging

from tfdood.saved import runs


class Checkpoints:
    """The checkpoints of a run, numbered by step.

    Args:
        trackables: everything that training changes, by name. All variables
            must exist already, so the optimisers must be built.
        folder: the folder of the checkpoints; created if it does not exist.
        max_to_keep: the number of newest checkpoints that are kept, at least 1.
    """

    def __init__(
        self,
        trackables: Mapping[str, Any],
        folder: pathlib.Path,
        max_to_keep: int = 3,
    ) -> None:
        self._folder = folder
        self._checkpoint = tf.train.Checkpoint(**trackables)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint,
            str(folder),
            max_to_keep,
            checkpoint_name=runs.CHECKPOINT_NAME,
        )

    def save(self, step: int) -> None:
        """Saves a checkpoint, and then removes the oldest ones.

        Args:
            step: the number of finished steps.

        Raises:
            OSError: If the checkpoint cannot be written. The earlier
                checkpoints are then intact.
        """
        try:
            self._manager.save(checkpoint_number=step)
        except tf.errors.OpError as error:
            unfinished = self._folder / f"{runs.CHECKPOINT_NAME}-{step}_temp"
            shutil.rmtree(unfinished, ignore_errors=True)
            reason = error.message.rpartition("; ")[2].partition(" [Op:")[0]
            raise OSError(
                f"Cannot save a checkpoint of step {step} in {self._folder}: "
                f"{reason}. The earlier checkpoints are intact. See that the "
                "disk has space and that the folder is there, and run the same "
                "command again."
            ) from error

    def restore_latest(self, folder: pathlib.Path | None = None) -> int:
        """Restores the newest checkpoint that is intact.

        Args:
            folder: the folder to restore from; by default the folder to save
                in.

        Returns:
            The number of finished steps; 0 if there is no checkpoint yet.

        Raises:
            runs.RunError: If there are checkpoints but none is intact, or if
                the newest intact one does not fit the model.
        """
        step, path = runs.newest_intact(folder or self._folder)
        if path is not None:
            runs.restore(self._checkpoint, path)
            logging.info("Resuming from the checkpoint %s.", path)
        return step
