"""The training loop: it reads batches and writes results to a run folder."""

import pathlib
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
import tqdm
from absl import logging

from tfdood import console, data
from tfdood.saved import runs
from tfdood.settings import schema

from . import (
    agreement,
    best,
    checkpoints,
    metrics,
    reports,
    run_folder,
    strategies,
    warm_start,
)

_TERMINATED = 143


class Signals:
    """Records SIGTERM and Ctrl-C, so that the current step can finish.

    A second signal of the same kind has its usual effect immediately.

    Attributes:
        received: the latest signal; None if there was none.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> "Signals":
        kinds = (signal.SIGTERM, signal.SIGINT)
        self._handlers = {k: signal.signal(k, self._note) for k in kinds}
        return self

    def __exit__(self, *_: object) -> None:
        for kind, handler in self._handlers.items():
            signal.signal(kind, handler)

    def _note(self, kind: int, _: object) -> None:
        self.received = signal.Signals(kind)
        signal.signal(kind, self._handlers[kind])


def run(
    config: schema.Config,
    run_dir: str,
    drawings: tuple[data.DrawingSet, data.DrawingSet],
    make_trainer: Callable[[schema.Config], Any],
    strategy: tf.distribute.Strategy | None = None,
) -> int:
    """Trains until `num_steps` or a signal; resumes the run of the folder.

    Args:
        config: the configuration of the run.
        run_dir: the run folder, see `train.run_folder`.
        drawings: the training drawings and the validation drawings.
        make_trainer: makes an object like `train.step.Trainer`.
        strategy: distributes each batch over devices; `None` for one device.

    Returns:
        The exit code: 0 if training finished, 130 after Ctrl-C, 143 after
        SIGTERM or after a signal to another worker. Shells use the same codes.

    Raises:
        runs.RunError: If the settings describe no valid model, the folder
            belongs to another configuration, the checkpoints or the batch size
            cannot be used, the workers begin with different states, or a metric
            is not finite.
        OSError: If the folder cannot be written.
    """
    strategy = strategy or tf.distribute.get_strategy()
    trainer = _make_trainer(config, make_trainer, strategy)
    chief_dir = pathlib.Path(run_dir)
    own_dir = chief_dir / strategies.worker_folder(strategy)
    _start(trainer, config, chief_dir)
    with run_folder.RunFolder(own_dir, config) as folder:
        interval = metrics.Interval()
        saved = checkpoints.Checkpoints(
            {**trainer.checkpointed(), "interval": interval}, folder.checkpoints
        )
        step = start = saved.restore_latest(chief_dir / folder.checkpoints.name)
        agreement.check(strategy, config, start, trainer.model, drawings[0])
        folder.keep_metrics(start)
        report = reports.Reports(config, folder, drawings[1], trainer)
        if config.training.keep_best:
            best.check(config.training.keep_best, report.measures())
        kept = best.Best(
            config.training.keep_best, trainer.checkpointed(), folder, start
        )
        train_step = strategies.train_step(strategy, trainer)
        any_worker = strategies.any_worker(strategy)
        with Signals() as signals, _progress_bar(config, start) as bar:
            for step, batch in _batches(config, drawings[0], start):
                interval.add(step, _metrics_of(train_step, batch, interval))
                bar.update()
                ends = step == config.training.num_steps
                if ends or step % config.training.log_every == 0:
                    report.log(step, interval.pop_mean(), bar)
                if ends or step % config.training.evaluate_every == 0:
                    interval.check()
                    kept.save_if_better(step, report.evaluate(step))
                ends = any_worker(bool(ends or signals.received))
                if ends or step % config.training.checkpoint_every == 0:
                    interval.check()
                    saved.save(step)
                if ends:
                    break
    return _exit_code(step, config, signals.received, own_dir)


def _make_trainer(
    config: schema.Config,
    make_trainer: Callable[[schema.Config], Any],
    strategy: tf.distribute.Strategy,
) -> Any:
    """Makes the trainer, and logs the warnings of its learner."""
    strategies.check(strategy, config.training)
    try:
        with strategy.scope():
            trainer = make_trainer(config)
    except ValueError as error:
        raise runs.RunError(
            f"No model can be built with these settings: {error}"
        ) from error
    for sentence in trainer.learner.warnings(config.training.num_steps):
        logging.warning("%s", sentence)
    return trainer


def _start(trainer: Any, config: schema.Config, run_dir: pathlib.Path) -> None:
    """Gives a new run its first weights and running values."""
    if runs.saved_steps(run_dir / runs.CHECKPOINTS):
        return
    if config.training.start_from:
        warm_start.assign(trainer.model, config.training.start_from)
    trainer.learner.start()


def _metrics_of(
    train_step: Callable[[data.Batch], dict[str, tf.Tensor]],
    batch: data.Batch,
    interval: metrics.Interval,
) -> dict[str, tf.Tensor]:
    """Runs a step; if a NaN of an earlier step breaks it, names that step."""
    try:
        return train_step(batch)
    except tf.errors.InvalidArgumentError:
        interval.check()
        raise


def _batches(
    config: schema.Config, drawings: data.DrawingSet, start: int
) -> Iterator[tuple[int, data.Batch]]:
    """Yields pairs of a step's number and its batch."""
    training = config.training
    batches = data.batches(
        drawings,
        training.batch_size,
        seed=training.seed,
        start_step=start,
        rows=data.balanced_rows(drawings.labels) if training.balanced else None,
    )
    batches = batches.take(max(0, training.num_steps - start))
    yield from enumerate(batches, start + 1)


def _progress_bar(config: schema.Config, start: int) -> tqdm.tqdm:
    is_terminal = sys.stderr.isatty()
    return tqdm.tqdm(
        total=config.training.num_steps,
        initial=start,
        unit="step",
        dynamic_ncols=True,
        mininterval=0.5 if is_terminal else 30.0,
        smoothing=0.3 if is_terminal else 1.0,
    )


def _exit_code(
    step: int,
    config: schema.Config,
    received: signal.Signals | None,
    folder: pathlib.Path,
) -> int:
    """Logs why training ended after `step`, and returns the exit code."""
    if step >= config.training.num_steps:
        logging.info("Trained for %d steps; results are in %s.", step, folder)
        return 0
    logging.warning(
        "Stopped by %s after step %d. The weights of this step are saved in "
        "%s. Run the same command again to continue.",
        received.name if received else "a signal to another worker",
        step,
        folder,
    )
    return console.INTERRUPTED if received == signal.SIGINT else _TERMINATED
