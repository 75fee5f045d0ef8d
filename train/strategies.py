"""Distribution strategies: training on several devices or machines.

Every worker makes the same global batch, because the batch depends only on the
seed and the step. Each replica takes its part of the batch. Weights and metrics
are equal on all replicas. All workers resume from the checkpoints of the first
worker, the chief.
"""

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.saved import runs
from tfdood.settings.schema import Training

NAMES = ("none", "mirrored", "multiworker")

_CLUSTER = "TF_CONFIG"


def make(name: str) -> tf.distribute.Strategy:
    """Makes a strategy.

    Args:
        name: one of `NAMES`: `none` (one device), `mirrored` (all GPUs of this
            machine) or `multiworker` (all machines that `TF_CONFIG` lists).

    Returns:
        The strategy; for `none`, the default strategy of TensorFlow.

    Raises:
        ValueError: If `TF_CONFIG` cannot be used.
    """
    makers = {
        "none": tf.distribute.get_strategy,
        "mirrored": tf.distribute.MirroredStrategy,
        "multiworker": tf.distribute.MultiWorkerMirroredStrategy,
    }
    try:
        return makers[name]()
    except (TypeError, ValueError) as error:
        if _CLUSTER not in os.environ:
            raise
        raise ValueError(
            f"The environment variable {_CLUSTER} cannot be used: {error}"
        ) from error


def check(strategy: tf.distribute.Strategy, training: Training) -> None:
    """Checks that a strategy can run a training with these settings.

    Args:
        strategy: the strategy.
        training: the settings of the training loop.

    Raises:
        runs.RunError: If the replicas cannot have equal parts of a batch, or
            XLA would have to compile a step of several devices.
    """
    replicas, batch_size = strategy.num_replicas_in_sync, training.batch_size
    if batch_size % replicas:
        raise runs.RunError(
            f"The batch size must be a multiple of the {replicas} replicas, "
            f"got {batch_size}; try "
            f"--batch_size={replicas * max(1, batch_size // replicas)}."
        )
    if training.jit_compile and strategy is not tf.distribute.get_strategy():
        raise runs.RunError(
            "--jit_compile works on one device only, got --strategy as well; "
            "remove one of the two flags."
        )


def worker_folder(strategy: tf.distribute.Strategy) -> str:
    """Names the subfolder of the run folder in which this process writes.

    Args:
        strategy: the strategy.

    Returns:
        "" for the chief, which writes to the run folder itself, and `worker_i`
        for worker i. Worker 0 is the chief of a cluster that names none.
    """
    resolver = strategy.cluster_resolver
    if not resolver:
        return ""
    chief = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    if resolver.task_type in (None, chief) and not resolver.task_id:
        return ""
    return f"worker_{resolver.task_id}"


def any_worker(
    strategy: tf.distribute.Strategy,
) -> Callable[[bool], bool]:
    """Makes a function by which workers agree to stop after the same step.

    Args:
        strategy: the strategy.

    Returns:
        A function that takes whether this worker wants to stop, and returns
        whether any worker wants to stop. All workers must call it in every
        step; it waits until all of them have called it.
    """
    if strategy.cluster_resolver is None:
        return bool

    @tf.function(autograph=False)
    def count(wish: tf.Tensor) -> tf.Tensor:
        each = strategy.run(tf.identity, args=(wish,))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)

    return lambda wish: bool(count(tf.constant(float(wish))) > 0.0)


def train_step(
    strategy: tf.distribute.Strategy, trainer: Any
) -> Callable[[Batch], dict[str, tf.Tensor]]:
    """Makes the training step of a global batch.

    Args:
        strategy: the strategy. The trainer was made in its scope.
        trainer: an object like `train.step.Trainer`; each replica runs its
            `replica_step` on a part of the batch.

    Returns:
        A function that takes a batch and returns the metrics, means over the
        replicas.
    """
    if strategy is tf.distribute.get_strategy():
        return trainer.train_step
    replicas = strategy.num_replicas_in_sync

    @tf.function(autograph=False)
    def step(parts: Batch) -> dict[str, tf.Tensor]:
        metrics = strategy.run(trainer.replica_step, args=(parts,))
        return {
            name: strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None)
            for name, value in metrics.items()
        }

    def split_and_step(batch: Batch) -> dict[str, tf.Tensor]:
        size = len(batch.labels) // replicas
        parts = [
            _rows(batch, slice(i * size, (i + 1) * size))
            for i in range(replicas)
        ]
        return step(
            strategy.experimental_distribute_values_from_function(
                lambda context: parts[context.replica_id_in_sync_group]
            )
        )

    return split_and_step


def _rows(batch: Batch, rows: slice) -> Batch:
    """The part of a batch; `None` has no parts."""
    return tf.nest.map_structure(
        lambda field: None if field is None else field[rows], batch
    )
