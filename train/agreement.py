"""Checks that all workers of a cluster begin with the same state.

Each worker reads the settings, weights and drawings by itself. If one worker
read other settings, weights or drawings, the gradients of different models
would be averaged, and the loss might still fall.
"""

import dataclasses
import zlib
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tfdood import data
from tfdood.data import datasets
from tfdood.saved import runs
from tfdood.settings import schema, text


def check(
    strategy: tf.distribute.Strategy,
    config: schema.Config,
    step: int,
    model: keras.Model,
    drawings: data.DrawingSet,
) -> None:
    """Compares the state of this worker with that of all other workers.

    All workers must call it; it waits until all of them have called it.

    Args:
        strategy: the strategy. Without a cluster, there is nothing to compare.
        config: the configuration of the run.
        step: the number of finished steps.
        model: the model that is trained.
        drawings: the training drawings.

    Raises:
        runs.RunError: If the workers differ in one of these. The error is
            raised in every worker.
    """
    if strategy.cluster_resolver is None:
        return
    own = digests(config, step, model, drawings)

    @tf.function(autograph=False)
    def gather(values: tf.Tensor) -> tf.Tensor:
        each = strategy.run(tf.identity, args=(values,))
        return strategy.gather(each, axis=0)

    table = gather(tf.constant([list(own.values())], tf.int64)).numpy()
    differing = [
        name
        for name, values in zip(own, table.T, strict=True)
        if np.any(values != values[0])
    ]
    if differing:
        raise runs.RunError(
            f"The workers differ in their {', '.join(differing)}. Give all "
            "of them the same command, the same drawings, and a --run_dir on "
            "a file system that all of them see."
        )


def digests(
    config: schema.Config,
    step: int,
    model: keras.Model,
    drawings: data.DrawingSet,
) -> dict[str, int]:
    """Computes the numbers that workers compare.

    Equal states have equal numbers. Different states have equal numbers with a
    probability of 2^-32. The path of a folder of drawings does not count,
    because it may differ between machines.

    Args:
        config: the configuration of the run.
        step: the number of finished steps.
        model: the model that is trained.
        drawings: the training drawings.

    Returns:
        The numbers by name, in `[0, 2^32)`.
    """
    training = dataclasses.replace(
        config.training, dataset=datasets.label(config.training.dataset)
    )
    settings = text.to_json(dataclasses.replace(config, training=training))
    return {
        "settings": zlib.crc32(settings.encode()),
        "finished steps": step,
        "weights": _of_arrays([v.numpy() for v in runs.variables(model)]),
        "drawings": _of_arrays(
            [drawings.images, drawings.labels, *(drawings.strokes or ())]
        ),
    }


def _of_arrays(arrays: Sequence[np.ndarray]) -> int:
    digest = 0
    for array in arrays:
        digest = zlib.crc32(np.ascontiguousarray(array), digest)
    return digest
