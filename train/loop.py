"""The training loop: from batches to a run folder with results."""

import pathlib
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
import tqdm
from absl import logging

from tfdood import data
from tfdood.saved import runs
from tfdood.settings import schema
from train import (
    checkpoints,
    metrics,
    reports,
    run_folder,
    strategies,
    warm_start,
)

INTERRUPTED, _TERMINATED = 130, 143


class Signals:
    """Records SIGTERM and Ctrl-C, so that the current step can be finished.

    A second signal of the same kind has its usual effect at once.

    Attributes:
        received: the signal; None if there was none.
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
        config: of the run.
        run_dir: the run folder, see `train.run_folder`.
        drawings: to train on, and held-out ones to evaluate on.
        make_trainer: gives an object like `train.step.Trainer`.
        strategy: spreads each batch over devices; `None` for one device.

    Returns:
        An exit code: 0, or as shells have it 130 after Ctrl-C and 143 after
        SIGTERM, or a signal to another worker.

    Raises:
        runs.RunError: If there is no such model, the folder belongs to
            another configuration, the checkpoints or the batch size cannot be
            used, or training diverged.
        OSError: If the folder cannot be written.
    """
    strategy = strategy or tf.distribute.get_strategy()
    strategies.check(strategy, config.training)
    trainer = _make_trainer(config, make_trainer, strategy)
    for sentence in trainer.learner.warnings(config.training.num_steps):
        logging.warning("%s", sentence)
    chief_dir = pathlib.Path(run_dir)
    own_dir = chief_dir / strategies.worker_folder(strategy)
    _warm_start(trainer, config, chief_dir)
    with run_folder.RunFolder(own_dir, config) as folder:
        interval = metrics.Interval()
        saved = checkpoints.Checkpoints(
            {**trainer.checkpointed(), "interval": interval}, folder.checkpoints
        )
        step = start = saved.restore_latest(chief_dir / folder.checkpoints.name)
        folder.keep_metrics(start)
        report = reports.Reports(config, folder, drawings[1], trainer)
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
                    report.evaluate(step)
                ends = any_worker(bool(ends or signals.received))
                if ends or step % config.training.checkpoint_every == 0:
                    interval.check()
                    saved.save(step)
                if ends:
                    break
    if step < config.training.num_steps:
        return _interrupted(signals.received, step, own_dir)
    logging.info("Trained for %d steps; the results are in %s.", step, own_dir)
    return 0


def _make_trainer(
    config: schema.Config,
    make_trainer: Callable[[schema.Config], Any],
    strategy: tf.distribute.Strategy,
) -> Any:
    try:
        with strategy.scope():
            return make_trainer(config)
    except ValueError as error:
        raise runs.RunError(
            f"There is no model of these settings: {error}"
        ) from error


def _warm_start(
    trainer: Any, config: schema.Config, run_dir: pathlib.Path
) -> None:
    """Gives a new run the weights to start from; a resumed one has its own."""
    is_new = not runs.saved_steps(run_dir / runs.CHECKPOINTS)
    if config.training.start_from and is_new:
        warm_start.assign(trainer.model, config.training.start_from)


def _metrics_of(
    train_step: Callable[[data.Batch], dict[str, tf.Tensor]],
    batch: data.Batch,
    interval: metrics.Interval,
) -> dict[str, tf.Tensor]:
    """Runs a step; if it fails for a NaN of an earlier step, says so."""
    try:
        return train_step(batch)
    except tf.errors.InvalidArgumentError:
        interval.check()
        raise


def _batches(
    config: schema.Config, drawings: data.DrawingSet, start: int
) -> Iterator[tuple[int, data.Batch]]:
    """Pairs of a step's number and its batch."""
    training = config.training
    batches = data.batches(
        data.balanced(drawings) if training.balanced else drawings,
        training.batch_size,
        seed=training.seed,
        start_step=start,
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


def _interrupted(
    received: signal.Signals | None, step: int, folder: pathlib.Path
) -> int:
    logging.warning(
        "Stopped by %s after step %d, which is saved in %s; the same command "
        "continues from there.",
        received.name if received else "a signal to another worker",
        step,
        folder,
    )
    return INTERRUPTED if received == signal.SIGINT else _TERMINATED
