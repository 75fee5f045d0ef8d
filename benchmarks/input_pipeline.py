"""Compares the speed of `data.batches` with that of a usual TFDS pipeline.

    python -m benchmarks.input_pipeline

The usual TFDS pipeline decodes and resizes every example in a parallel `map`,
and then shuffles, batches and prefetches. Both pipelines read the MNIST of
TFDS's own folder, or the embedded sample, one after the other, several times.
The command prints the median speed of each pipeline in images per second. No
model runs at the same time.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import itertools
import pathlib
import statistics
import tempfile
import time

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from absl import flags

from tfdood import console, data
from tfdood.data import prepared
from tfdood.data.importers import importing

_BATCH_SIZE = 64
_IMAGE_SIZE = 50
_NUM_BATCHES = 200
_NUM_TURNS = 5


def define(_: flags.FlagValues) -> None:
    """Declares no flags."""


def main(_: flags.FlagValues) -> None:
    """Prints the two medians and their ratio."""
    drawings = data.read("mnist", "train", image_size=_IMAGE_SIZE)
    with tempfile.TemporaryDirectory() as folder:
        pipelines = {
            "data.batches": data.batches(drawings, _BATCH_SIZE, seed=0),
            "decode and resize each example": _usual(_prepare(folder)),
        }
        speeds = {name: [] for name in pipelines}
        for name in list(pipelines) * _NUM_TURNS:
            speeds[name].append(_images_per_second(pipelines[name]))
    medians = {name: statistics.median(s) for name, s in speeds.items()}
    for name, median in medians.items():
        print(f"{name:32} {median:10,.0f} images/s")
    ours, theirs = medians.values()
    print(f"{'ratio':32} {ours / theirs:10.1f}")


def _prepare(folder: str) -> str:
    """Writes MNIST as a prepared TFDS folder, and returns its path."""
    arrays = {}
    for split in ("train", "test"):
        drawings = data.read("mnist", split, image_size=28)
        arrays[f"x_{split}"] = drawings.images[..., 0]
        arrays[f"y_{split}"] = drawings.labels
    np.savez(pathlib.Path(folder) / "mnist.npz", **arrays)
    list(importing.import_all(folder, folder, ["mnist"]))
    return prepared.find("mnist", folder)


def _usual(folder: str) -> tf.data.Dataset:
    """Makes the usual TFDS pipeline."""
    builder = tfds.builder_from_directory(folder)
    read_config = tfds.ReadConfig(try_autocache=False)
    examples = builder.as_dataset(split="train", read_config=read_config)

    def resize(
        example: dict[str, tf.Tensor],
    ) -> tuple[tf.Tensor, tf.Tensor]:
        size = (_IMAGE_SIZE, _IMAGE_SIZE)
        image = tf.cast(example["image"], tf.float32) / 255.0
        return tf.image.resize(image, size, antialias=True), example["label"]

    examples = examples.repeat().map(resize, tf.data.AUTOTUNE)
    batches = examples.shuffle(1_000).batch(_BATCH_SIZE, drop_remainder=True)
    return batches.prefetch(tf.data.AUTOTUNE)


def _images_per_second(pipeline: tf.data.Dataset) -> float:
    """Measures the speed, without the time until the first batch."""
    batches = iter(pipeline)
    next(batches)
    start = time.perf_counter()
    for _ in itertools.islice(batches, _NUM_BATCHES):
        pass
    seconds = time.perf_counter() - start
    return _NUM_BATCHES * _BATCH_SIZE / seconds


if __name__ == "__main__":
    console.run(define, main)
