"""Measures how long each parser takes for a picture, on one core.

    python -m benchmarks.parsers [--model=pretrained:omniglot] [--num_repeats=5]

The pictures are drawings of the dataset in the folder of TensorFlow Datasets,
or of the embedded sample if it is not in there. Each parser explains them in
one call, and the first one alone; the time is the median over the repeats,
after one call that does not count. `refined` and `best_of` take 60 steps of
gradient ascent.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys

import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks import timing
from tfdood import console, data
from tfdood.evaluate import parsers
from tfdood.evaluate.records.job import Explainer
from tfdood.parsing import refined, seeds
from tfdood.parsing.base import Parser
from tfdood.saved import cached, exported

_NUM_STEPS = {"amortised": 0, "traced": 0, "refined": 60, "best_of": 60}


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_string(
        "model",
        "pretrained:omniglot",
        "Folder of an exported model, or pretrained:NAME.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "dataset", "omniglot", "Of the pictures.", flag_values=values
    )
    flags.DEFINE_integer(
        "num_repeats", 5, "Timed calls.", lower_bound=1, flag_values=values
    )


def main(options: flags.FlagValues) -> int:
    """Prints a table; returns the exit code."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = exported.ExportedModel(cached.folder(options.model))
    drawings = data.read(
        options.dataset, "test", image_size=model.image_size, data_dir=None
    )
    images = data.spread(drawings, 64).images.astype(np.float32) / 255.0
    sys.stdout.write("parser      ms in a batch of 64   ms alone\n")
    for name, num_steps in _NUM_STEPS.items():
        explainer = Explainer("parser", name, num_steps, refined.LEARNING_RATE)
        parser = parsers.build_center(
            model, None if name == "amortised" else explainer
        )
        together = _milliseconds(parser, images, options.num_repeats)
        alone = _milliseconds(parser, images[:1], options.num_repeats)
        sys.stdout.write(f"{name:12}{together / 64:19.1f}{alone:11.1f}\n")
    return 0


def _milliseconds(
    parser: Parser, images: np.ndarray, num_repeats: int
) -> float:
    """The median time of a call."""
    return 1e3 * timing.median(
        lambda: parser.parse(images, seeds.Seed(0)), num_repeats
    )


if __name__ == "__main__":
    console.run(define, main)
