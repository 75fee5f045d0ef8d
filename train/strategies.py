"""Spreading a batch over devices and machines.

Every worker builds the same global batch, a pure function of the seed and the
step; each replica takes its part. Weights and metrics are the same everywhere;
all workers resume from the checkpoints of the first one, the chief.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfdood.saved import runs
from tfdood.settings.schema import TrainingConfig

NAMES = ("none", "mirrored", "multiworker")


def make(name: str) -> tf.distribute.Strategy:
    """The strategy of a name.

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


def check(strategy: tf.distribute.Strategy, training: TrainingConfig) -> None:
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
    """Where in the run folder this process writes; the chief at its top."""
    resolver = strategy.cluster_resolver
    task = resolver.task_id if resolver else 0
    return f"worker_{task}" if task else ""


def any_worker(
    strategy: tf.distribute.Strategy,
) -> Callable[[bool], bool]:
    """Lets workers stop together, as none can go on without the others.

    Returns:
        A function from what this worker says to whether any of them says so;
        all workers must call it in every step, and wait for one another.
    """
    if strategy.cluster_resolver is None:
        return bool

    @tf.function(autograph=False)
    def count(said):
        each = strategy.run(tf.identity, args=(said,))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)

    return lambda said: bool(count(tf.constant(float(said))) > 0.0)


def train_step(
    strategy: tf.distribute.Strategy, trainer: Any
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """A training step on a global batch.

    Args:
        strategy: in whose scope the trainer was made.
        trainer: an object like `train.step.Trainer`; its `replica_step` is run
            on every replica's part of the batch.

    Returns:
        A function from images `[B, H, W, 1]` to the metrics, means over the
        replicas.
    """
    if strategy is tf.distribute.get_strategy():
        return trainer.train_step
    replicas = strategy.num_replicas_in_sync

    @tf.function(autograph=False)
    def step(parts):
        metrics = strategy.run(trainer.replica_step, args=(parts,))
        return {
            name: strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None)
            for name, value in metrics.items()
        }

    def split_and_step(images):
        parts = tf.split(images, replicas)
        return step(
            strategy.experimental_distribute_values_from_function(
                lambda context: parts[context.replica_id_in_sync_group]
            )
        )

    return split_and_step
