"""Reports of a run: records, TensorBoard, figures and the progress bar."""

import collections
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tqdm

from tfdood import data
from tfdood.saved import runs
from tfdood.settings import schema

from . import metrics, run_folder

# Posterior samples in a batch, if images have at most 50 x 50 pixels.
_ROWS_A_CHUNK, _IMAGE_SIZE = 1_280, 50
# Streams of random numbers; training uses the stream [seed, 0].
_EVALUATION_STREAM, _SAMPLE_STREAM = 1, 2


class Reports:
    """Writes the results of a run into its folder.

    Args:
        config: the configuration of the run.
        folder: the run folder.
        validation: the validation drawings. `training.num_evaluation_images`
            of them are used, at even distances.
        trainer: an object like `train.step.Trainer`.

    Raises:
        OSError: If the folder of events cannot be written.
    """

    def __init__(
        self,
        config: schema.Config,
        folder: run_folder.RunFolder,
        validation: data.DrawingSet,
        trainer: Any,
    ) -> None:
        self._training = config.training
        self._folder = folder
        self._trainer = trainer
        self._timed = None  # (step, time in seconds) of the last record
        with self._writing_events():
            self._writer = tf.summary.create_file_writer(str(folder.events))
        chosen = data.spread(validation, self._training.num_evaluation_images)
        num_particles = config.training.num_evaluation_particles
        share = min(1.0, (_IMAGE_SIZE / config.model.image_size) ** 2)
        size = max(1, int(_ROWS_A_CHUNK * share) // num_particles)
        self._batches = list(data.batches(chosen, size))

    def log(self, step: int, values: dict[str, float], bar: tqdm.tqdm) -> None:
        """Writes a record of training metrics; the bar shows the main ones.

        Args:
            step: the number of finished steps.
            values: the metrics by name.
            bar: the progress bar.

        Raises:
            OSError: If the run folder cannot be written.
        """
        self._folder.write_metrics(step, values)
        shown = {
            name: f"{values[name]:.4g}"
            for name in self._trainer.learner.headline
        }
        with self._writing_events(), self._writer.as_default(step):
            for name, value in values.items():
                tf.summary.scalar(f"train/{name}", value)
            if self._timed is not None:
                speed = self._images_per_second(step)
                tf.summary.scalar("train/images_per_second", speed)
                shown["images/s"] = f"{speed:.0f}"
        bar.set_postfix(shown, refresh=False)
        self._timed = step, time.perf_counter()

    def evaluate(self, step: int) -> dict[str, float]:
        """Writes a record of metrics of validation drawings, and the figures.

        Args:
            step: the number of finished steps.

        Returns:
            The metrics by name.

        Raises:
            metrics.NonFiniteError: If a metric is not finite.
            OSError: If the run folder cannot be written.
        """
        values = metrics.finite(self._measure(), step)
        self._folder.write_metrics(step, values)
        drawn = self._draw(step)
        with self._writing_events(), self._writer.as_default(step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
            for name, figure in drawn.items():
                tf.summary.image(name, figure[np.newaxis])
        self._timed = step, time.perf_counter()
        return values

    def measures(self) -> list[str]:
        """Names the measures of an evaluation.

        This measures a whole batch: for a batch of another size, TensorFlow
        would trace the function again.
        """
        seed = self._seed(_EVALUATION_STREAM)
        return list(
            self._trainer.evaluate(
                self._batches[0], self._training.num_evaluation_particles, seed
            )
        )

    @contextlib.contextmanager
    def _writing_events(self) -> Iterator[None]:
        """Raises errors of TensorBoard's writer as `OSError` of one line."""
        try:
            yield
        except tf.errors.OpError as error:
            reason = error.message.partition("\n")[0].partition(" [Op:")[0]
            raise OSError(
                f"Cannot write to {self._folder.events}: {reason}. Make it "
                "writable, free some disk space, or choose another --run_dir."
            ) from error

    def _measure(self) -> dict[str, float]:
        """Computes means over the validation drawings, in chunks."""
        num_particles = self._training.num_evaluation_particles
        sums = collections.defaultdict(lambda: np.zeros(2))
        start = 0
        for batch in self._batches:
            seed = tf.random.fold_in(self._seed(_EVALUATION_STREAM), start)
            values = self._trainer.evaluate(batch, num_particles, seed)
            for name, ratio in values.items():
                sums[name] += [float(part) for part in ratio]
            start += len(batch.labels)
        return {
            f"{runs.VALIDATION}{name}": total / count
            for name, (total, count) in sums.items()
        }

    def _images_per_second(self, step: int) -> float:
        """Computes the speed since the last record.

        The first record starts the clock, because the first step is slow.
        """
        first_step, start = self._timed
        num_images = (step - first_step) * self._training.batch_size
        return num_images / (time.perf_counter() - start)

    def _draw(self, step: int) -> dict[str, np.ndarray]:
        folder = self._folder.figures
        return self._trainer.model.figures(
            self._batches[0],
            self._seed(_SAMPLE_STREAM),
            lambda name: str(folder / f"{name}_{step:07d}.png"),
        )

    def _seed(self, stream: int) -> tf.Tensor:
        return tf.constant([self._training.seed, stream], tf.int32)
