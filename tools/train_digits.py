"""Trains the classifier of digits of scenes: `python -m tools.train_digits`.

It learns from scenes `mnist_10` of training digits at 64 x 64 and at 128 x 128
pixels. Each box of ink is made larger by a random margin, because the boxes of
models are. The training takes a quarter of an hour on two cores. The command
overwrites `digits.npz`, and prints the accuracy on test scenes.

The classifier in the package was trained on the prepared MNIST, which
`--data_dir` selects. Without this flag, the folder of TensorFlow
Datasets is used, or the embedded sample of what is not in there.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys
from collections.abc import Sequence

import keras
import numpy as np
import tqdm
from absl import flags

from tfdood import console, data
from tfdood.data.scenes import SceneSet
from tfdood.evaluate.measures import digits

_SCENES = "mnist_10"  # all classes are equally frequent
_SIZES = (64, 128)
_NUM_STEPS, _NUM_SCENES = 12_000, 8  # scenes of each size in a batch
_NUM_TRAIN, _NUM_TEST = 20_000, 1_000
_LEARNING_RATE = 2e-3
_MARGINS = (-0.03, 0.35)  # of each side of a box, in sides of the box
_SEED = 0


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of the prepared MNIST; by default that of TensorFlow Datasets, "
        "or the embedded sample if MNIST is not in there.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Trains and saves the classifier, and prints its accuracies.

    Args:
        options: the values of the flags.

    Raises:
        OSError: If the drawings cannot be read or the file cannot be written.
    """
    sets = [_read("train", n, _NUM_TRAIN, options.data_dir) for n in _SIZES]
    digits.save(train(sets, _NUM_STEPS))
    reader = digits.Reader()
    for size in _SIZES:
        test = _read("test", size, _NUM_TEST, options.data_dir)
        rng = np.random.default_rng(_SEED)
        for name, boxes in {
            "boxes of the ink": test.boxes,
            "larger boxes": enlarged(test.boxes, rng),
        }.items():
            found = reader(test.images / np.float32(255.0), boxes)
            accuracy = np.mean(found.labels == test.labels)
            sys.stdout.write(f"{size} x {size}, {name}: {accuracy:.2%}\n")


def train(sets: Sequence[SceneSet], num_steps: int) -> keras.Sequential:
    """Trains the classifier.

    Args:
        sets: of training scenes, each of another size.
        num_steps: the number of training steps, at least 1.

    Returns:
        The trained `digits.network`.
    """
    keras.utils.set_random_seed(_SEED)
    rng = np.random.default_rng(_SEED)
    classifier = digits.network()
    classifier.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, num_steps)
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    steps = tqdm.trange(num_steps, desc="digits", unit="step")
    for _ in steps:
        loss = classifier.train_on_batch(*_batch(sets, rng))
        steps.set_postfix(loss=float(loss))
    return classifier


def enlarged(boxes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Moves each side of boxes outwards by a random margin.

    Args:
        boxes: `[N, M, 4]`, (x0, y0, x1, y1).
        rng: the source of random numbers.

    Returns:
        `[N, M, 4]`. A margin is uniform between -0.03 and 0.35 times the
        longer side of the box.
    """
    low, high = np.split(boxes, 2, axis=-1)
    side = (high - low).max(-1, keepdims=True)
    margins = side * rng.uniform(*_MARGINS, boxes.shape)
    return boxes + margins * [-1, -1, 1, 1]


def _batch(
    sets: Sequence[SceneSet], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Crops `[B, 28, 28, 1]` of random scenes of each set, and labels `[B]`."""
    crops, labels = [], []
    for scenes in sets:
        rows = rng.integers(len(scenes.images), size=_NUM_SCENES)
        images = scenes.images[rows] / np.float32(255.0)
        seen = digits.crops(images, enlarged(scenes.boxes[rows], rng))
        crops.append(seen.numpy().reshape(-1, digits.SIZE, digits.SIZE, 1))
        labels.append(scenes.labels[rows].ravel())
    return np.concatenate(crops), np.concatenate(labels)


def _read(
    split: str, image_size: int, count: int, data_dir: str | None
) -> SceneSet:
    scenes = data.read_scenes(
        _SCENES, split, image_size=image_size, data_dir=data_dir
    )
    return scenes.first(count)


if __name__ == "__main__":
    console.run(define, main)
