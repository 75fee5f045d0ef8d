"""The training loop: batches in, a run folder full of results out."""

import pathlib
import signal
import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf
import tqdm
from absl import logging

from tfdood import data
from tfdood.saved import runs
from tfdood.settings import schema as config_lib
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
    """Notes SIGTERM and Ctrl-C, so that the step at hand can be finished.

    A second signal of the same kind acts at once.
    """

    def __init__(self):
        self.received = None

    def __enter__(self):
        kinds = (signal.SIGTERM, signal.SIGINT)
        self._handlers = {k: signal.signal(k, self._note) for k in kinds}
        return self

    def __exit__(self, *_):
        for kind, handler in self._handlers.items():
            signal.signal(kind, handler)

    def _note(self, kind, _):
        self.received = signal.Signals(kind)
        signal.signal(kind, self._handlers[kind])


def run(
    config: config_lib.Config,
    run_dir: str,
    drawings: tuple[data.DrawingSet, data.DrawingSet],
    make_trainer: Callable[[config_lib.Config], Any],
    strategy: tf.distribute.Strategy | None = None,
) -> int:
    """Trains until `num_steps` or a signal; resumes what the folder holds.

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
            for step, images in _batches(config, drawings[0], start):
                interval.add(step, _metrics_of(train_step, images, interval))
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


def _make_trainer(config, make_trainer, strategy):
    try:
        with strategy.scope():
            return make_trainer(config)
    except ValueError as error:
        raise runs.RunError(
            f"There is no model of these settings: {error}"
        ) from error


def _warm_start(trainer, config, run_dir: pathlib.Path) -> None:
    """Gives a new run the weights it starts from; a resumed one has its own."""
    is_new = not runs.saved_steps(run_dir / runs.CHECKPOINTS)
    if config.training.start_from and is_new:
        warm_start.assign(trainer.model, config.training.start_from)


def _metrics_of(train_step, images, interval):
    """Those of a step; one that fails for a NaN of earlier steps says so."""
    try:
        return train_step(images)
    except tf.errors.InvalidArgumentError:
        interval.check()
        raise


def _batches(config, drawings, start):
    """Pairs of a step's number and its images."""
    training = config.training
    batches = data.batches(
        data.balanced(drawings) if training.balanced else drawings,
        training.batch_size,
        seed=training.seed,
        start_step=start,
    )
    batches = batches.take(max(0, training.num_steps - start))
    for step, (images, _) in enumerate(batches, start + 1):
        yield step, images


def _progress_bar(config, start):
    is_terminal = sys.stderr.isatty()
    return tqdm.tqdm(
        total=config.training.num_steps,
        initial=start,
        unit="step",
        dynamic_ncols=True,
        mininterval=0.5 if is_terminal else 30.0,
        smoothing=0.3 if is_terminal else 1.0,
    )


def _interrupted(received, step: int, folder: pathlib.Path) -> int:
    logging.warning(
        "Stopped by %s after step %d, which is saved in %s; the same command "
        "continues from there.",
        received.name if received else "a signal to another worker",
        step,
        folder,
    )
    return INTERRUPTED if received == signal.SIGINT else _TERMINATED
