"""Strategies: one batch on several devices or machines.

Every worker makes the same global batch, which depends only on the seed and the
step; each replica takes its part. Weights and metrics are the same everywhere.
All workers resume from the checkpoints of the first worker, the chief.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.saved import runs
from tfdood.settings.schema import Training

NAMES = ("none", "mirrored", "multiworker")


def make(name: str) -> tf.distribute.Strategy:
    """Makes the strategy of a name.

    Args:
        name: `none` (one device), `mirrored` (all GPUs of this machine) or
            `multiworker` (all machines that `TF_CONFIG` names).

    Raises:
        runs.RunError: If the name is unknown.
    """
    if name not in NAMES:
        raise runs.RunError(
            f"Unknown strategy {name!r}; choose from {', '.join(NAMES)}."
        )
    makers = {
        "none": tf.distribute.get_strategy,
        "mirrored": tf.distribute.MirroredStrategy,
        "multiworker": tf.distribute.MultiWorkerMirroredStrategy,
    }
    return makers[name]()


def check(strategy: tf.distribute.Strategy, training: Training) -> None:
    """Raises `RunError` unless the strategy can run the training as set."""
    replicas, batch_size = strategy.num_replicas_in_sync, training.batch_size
    if batch_size % replicas:
        raise runs.RunError(
            f"The batch size must be a multiple of the {replicas} replicas, "
            f"got {batch_size}; try "
            f"--batch_size={replicas * max(1, batch_size // replicas)}."
        )
    if training.jit_compile and strategy is not tf.distribute.get_strategy():
        raise runs.RunError(
            "--jit_compile compiles the step of a single device, got "
            "--strategy as well; leave one of them out."
        )


def worker_folder(strategy: tf.distribute.Strategy) -> str:
    """Names the subfolder of the run in which this process writes."""
    resolver = strategy.cluster_resolver
    task = resolver.task_id if resolver else 0
    return f"worker_{task}" if task else ""


def any_worker(
    strategy: tf.distribute.Strategy,
) -> Callable[[bool], bool]:
    """Lets workers stop together: none can continue without the others.

    Returns:
        A function from this worker's wish to stop to whether any worker has it;
        all workers must call it in every step, and wait for each other.
    """
    if strategy.cluster_resolver is None:
        return bool

    @tf.function(autograph=False)
    def count(said: tf.Tensor) -> tf.Tensor:
        each = strategy.run(tf.identity, args=(said,))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)

    return lambda said: bool(count(tf.constant(float(said))) > 0.0)


def train_step(
    strategy: tf.distribute.Strategy, trainer: Any
) -> Callable[[Batch], dict[str, tf.Tensor]]:
    """Makes the training step of a global batch.

    Args:
        strategy: in whose scope the trainer was made.
        trainer: an object like `train.step.Trainer`; its `replica_step` is run
            on every replica's part of the batch.

    Returns:
        A function from a batch to the metrics, means over the replicas.
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
        parts = [
            Batch(*fields)
            for fields in zip(
                *(tf.split(field, replicas) for field in batch), strict=True
            )
        ]
        return step(
            strategy.experimental_distribute_values_from_function(
                lambda context: parts[context.replica_id_in_sync_group]
            )
        )

    return split_and_step
