"""Trains the features of evaluation: `python -m tools.train_features`.

One network classifies the drawings of all five datasets, each drawing among the
classes of its own dataset. A batch holds the same number of training drawings
of each dataset. The training takes a few minutes on one core. The command
overwrites `features.npz` with the network up to its penultimate layer.

The features in the package were trained on prepared datasets, which
`--data_dir` selects. Without this flag, the folder of TensorFlow
Datasets is used, or the embedded sample of what is not in there.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tqdm
from absl import flags

from tfdood import console, data
from tfdood.evaluate.measures import features

_NUM_STEPS, _NUM_EACH = 1_500, 50
_LEARNING_RATE = 2e-3
_SEED = 0
_READ_SIZE = 50  # The image size of models; resizing adds the same blur.
_NUM_STANDARD = 10_000  # Drawings of each dataset that standardise features.


class Labelled(NamedTuple):
    """Drawings of one split.

    Attributes:
        images: `[N, 28, 28, 1]`, uint8.
        labels: `[N]`, integers from 0.
    """

    images: np.ndarray
    labels: np.ndarray


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets; by default that of TensorFlow Datasets, "
        "or the embedded sample of datasets that are not in there.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Trains and saves the features, and prints their accuracies.

    Args:
        options: the values of the flags.

    Raises:
        OSError: If the drawings cannot be read or the file cannot be written.
    """
    sets = [_read(name, "train", options.data_dir) for name in data.NAMES]
    tests = [_read(name, "test", options.data_dir) for name in data.NAMES]
    features.save(train(sets, _NUM_STEPS))
    extractor = features.Extractor()
    for name, test in zip(data.NAMES, tests, strict=True):
        accuracy = class_mean_accuracy(extractor(test.images), test.labels)
        sys.stdout.write(f"{name}: {accuracy:.1%} by nearest class mean\n")


def train(sets: Sequence[Labelled], num_steps: int) -> keras.Sequential:
    """Trains the features as a part of a classifier of all datasets.

    Args:
        sets: the training drawings of each dataset.
        num_steps: the number of training steps, at least 1.

    Returns:
        The trained, standardised `features.network`.
    """
    keras.utils.set_random_seed(_SEED)
    rng = np.random.default_rng(_SEED)
    class_counts = [drawings.labels.max() + 1 for drawings in sets]
    offsets = np.cumsum([0, *class_counts[:-1]])
    set_of_class = np.repeat(np.arange(len(sets)), class_counts)
    network = features.network()
    classifier = keras.Sequential(
        [network, keras.layers.Dense(len(set_of_class))]
    )
    classifier.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, num_steps)
        ),
        _loss_within(set_of_class),
    )
    steps = tqdm.trange(num_steps, desc="features", unit="step")
    for _ in steps:
        loss = classifier.train_on_batch(*_batch(sets, offsets, rng))
        steps.set_postfix(loss=float(loss))
    standardise(network, sets)
    return network


def _batch(
    sets: Sequence[Labelled], offsets: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws random images in [0, 1], and labels with offsets of the sets."""
    rows = [rng.integers(len(x.labels), size=_NUM_EACH) for x in sets]
    images = [x.images[i] for x, i in zip(sets, rows, strict=True)]
    labels = [
        x.labels[i] + offset
        for x, i, offset in zip(sets, rows, offsets, strict=True)
    ]
    return np.concatenate(images) / np.float32(255.0), np.concatenate(labels)


def standardise(network: keras.Sequential, sets: Sequence[Labelled]) -> None:
    """Changes a network so that its features have mean 0 and total variance 1.

    Args:
        network: a `features.network`; its last layer is changed in place.
        sets: the drawings over which mean and variance are computed; all sets
            have the same weight.
    """
    moments = []
    for drawings in sets:
        step = -(-len(drawings.labels) // _NUM_STANDARD)
        images = drawings.images[::step] / np.float32(255.0)
        x = network.predict(images, batch_size=500, verbose=0)
        moments.append((x.mean(0), (x**2).sum(1).mean()))
    mean = np.mean([m for m, _ in moments], 0)
    std = np.sqrt(np.mean([square for _, square in moments]) - mean @ mean)
    kernel, bias = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel / std, (bias - mean) / std])


def class_mean_accuracy(x: np.ndarray, labels: np.ndarray) -> float:
    """Computes the accuracy of classifying odd rows by means of even rows.

    The class of an odd row is the class whose mean over the even rows is
    nearest.

    Args:
        x: `[N, D]`, features.
        labels: `[N]`, integers. Odd rows are ignored if no even row has their
            class.

    Returns:
        The accuracy, in [0, 1].
    """
    is_known = np.isin(labels[1::2], labels[::2])
    guesses = features.nearest_class(x[1::2], x[::2], labels[::2])
    return float((guesses == labels[1::2])[is_known].mean())


def _loss_within(
    set_of_class: np.ndarray,
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Makes the cross entropy among the classes of a drawing's own dataset.

    The features then need not distinguish the datasets, which differ mostly in
    their blur.
    """
    is_same = tf.constant(set_of_class[:, np.newaxis] == set_of_class)

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        labels = tf.cast(tf.reshape(labels, [-1]), tf.int64)
        logits = tf.where(tf.gather(is_same, labels), logits, -1e9)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    return loss


def _read(name: str, split: str, data_dir: str | None) -> Labelled:
    drawings = data.read(name, split, image_size=_READ_SIZE, data_dir=data_dir)
    return Labelled(features.shrink(drawings.images), drawings.labels)


if __name__ == "__main__":
    console.run(define, main)
