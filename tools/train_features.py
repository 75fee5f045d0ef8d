"""Trains the features anew: `python -m tools.train_features`.

One classifier tells the classes of each of the five datasets apart; a batch
holds as many training drawings of each. Takes a few minutes of one core, with
`--data_dir` on prepared datasets, as was done for what is shipped, or on the
embedded sample. Its penultimate layer replaces `features.npz`.
"""

import tfdood.quiet  # isort: skip  # noqa: F401  # Comes first.

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tqdm

from tfdood import data
from tfdood.evaluate.measures import features

_NUM_STEPS, _NUM_EACH = 1_500, 50
_LEARNING_RATE = 2e-3
_SEED = 0
_READ_SIZE = 50  # the size of models' images, with the blur that it brings
_NUM_STANDARD = 10_000  # drawings of each dataset, to standardise features by


class Labelled(NamedTuple):
    """Drawings of one split.

    Attributes:
        images: `[N, 28, 28, 1]`, uint8.
        labels: `[N]`.
    """

    images: np.ndarray
    labels: np.ndarray


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.train_features",
        description=__doc__.partition("\n")[0],
    )
    parser.add_argument("--data_dir", help="folder of prepared datasets")
    data_dir = parser.parse_args(argv).data_dir
    try:
        sets = [_read(name, "train", data_dir) for name in data.NAMES]
        tests = [_read(name, "test", data_dir) for name in data.NAMES]
    except (ValueError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    features.save(train(sets, _NUM_STEPS))
    extractor = features.Extractor()
    for name, test in zip(data.NAMES, tests, strict=True):
        accuracy = class_mean_accuracy(extractor(test.images), test.labels)
        sys.stdout.write(f"{name}: {accuracy:.1%} by nearest class mean\n")
    return 0


def train(sets: Sequence[Labelled], num_steps: int) -> keras.Sequential:
    """Trains the features by classifying all sets' classes.

    Args:
        sets: training drawings of each dataset.
        num_steps: batches to learn from.

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
        rows = [rng.integers(len(x.labels), size=_NUM_EACH) for x in sets]
        loss = classifier.train_on_batch(
            np.concatenate(
                [x.images[i] for x, i in zip(sets, rows, strict=True)]
            )
            / np.float32(255.0),
            np.concatenate(
                [
                    x.labels[i] + offset
                    for x, i, offset in zip(sets, rows, offsets, strict=True)
                ]
            ),
        )
        steps.set_postfix(loss=float(loss))
    standardise(network, sets)
    return network


def standardise(network: keras.Sequential, sets: Sequence[Labelled]) -> None:
    """Scales features in place: mean 0, variances that sum to 1.

    Args:
        network: a `features.network`.
        sets: drawings over which that is to hold, each set counting the same.
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
    """Of telling odd rows' classes by the class means of even rows.

    Args:
        x: `[N, D]` features.
        labels: `[N]`; classes of odd rows that no even row has are left out.
    """
    is_known = np.isin(labels[1::2], labels[::2])
    guesses = features.nearest_class(x[1::2], x[::2], labels[::2])
    return float((guesses == labels[1::2])[is_known].mean())


def _loss_within(set_of_class: np.ndarray):
    """The cross entropy among the classes of a drawing's own dataset.

    So that features need not tell datasets apart, which is easiest by how
    blurred they are.
    """
    is_same = tf.constant(set_of_class[:, np.newaxis] == set_of_class)

    def loss(labels, logits):
        labels = tf.cast(tf.reshape(labels, [-1]), tf.int64)
        logits = tf.where(tf.gather(is_same, labels), logits, -1e9)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    return loss


def _read(name: str, split: str, data_dir: str | None) -> Labelled:
    drawings = data.read(name, split, image_size=_READ_SIZE, data_dir=data_dir)
    return Labelled(features.shrink(drawings.images), drawings.labels)


if __name__ == "__main__":
    sys.exit(main())
