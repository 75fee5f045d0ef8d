"""Measures what one-shot classification by GNS takes: parses and pairs.

    python -m benchmarks.one_shot --model=models/gns [--num_drawings=4]

The drawings are those of the folder of TensorFlow Datasets, or of the embedded
sample if Omniglot is not in there. `search` proposes strokes and orders
them; `fit` moves types and tokens of 5 parses a drawing; `refit` draws one
parse of each drawing to explain the next one. Both are of 10 steps, and in one
call for all rows, or in a call a row, as a program for one pair does. Times are
medians over the repeats, after a call that does not count.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys
from collections.abc import Callable

import numpy as np
from absl import flags

from benchmarks import timing
from tfdood import console, data
from tfdood.evaluate.measures import type_fitting
from tfdood.parsing import searched, seeds, splines
from tfdood.saved import cached, exported

_NUM_STEPS = 10


def define(values: flags.FlagValues) -> None:
    """Declares the flags."""
    flags.DEFINE_string(
        "model", None, "Folder of an exported GNS.", flag_values=values
    )
    flags.mark_flag_as_required("model", flag_values=values)
    flags.DEFINE_integer(
        "num_drawings", 4, "To parse.", lower_bound=2, flag_values=values
    )
    flags.DEFINE_integer(
        "num_repeats", 3, "Timed calls.", lower_bound=1, flag_values=values
    )


def main(options: flags.FlagValues) -> int:
    """Prints a table; returns the exit code."""
    model = exported.ExportedModel(cached.folder(options.model))
    drawings = data.read(
        "omniglot", "test", image_size=model.image_size, data_dir=None
    )
    images = data.spread(drawings, options.num_drawings).images
    images = images.astype(np.float32) / 255.0
    parser = searched.Searched(
        model, model.config.model.num_control_points, num_steps=0
    )
    parses = parser.parse(images, seeds.Seed(0))
    search = timing.median(
        lambda: parser.parse(images, seeds.Seed(0)), options.num_repeats
    ) / len(images)
    sys.stdout.write(f"search: {1e3 * search:.0f} ms a drawing\n")
    sys.stdout.write("         rows   ms a row and step   one row a call\n")
    for name, function, rows in (
        ("fit", _fit(model, parses, images), parses.log_prior.size),
        ("refit", _refit(model, parses, images), len(images)),
    ):
        together = timing.median(
            lambda f=function, n=rows: f(np.arange(n)), options.num_repeats
        )
        alone = timing.median(
            lambda f=function, n=rows: [f(np.array([i])) for i in range(n)],
            options.num_repeats,
        )
        each = [1e3 * t / rows / _NUM_STEPS for t in (together, alone)]
        sys.stdout.write(f"{name:9}{rows:4}{each[0]:20.2f}{each[1]:17.2f}\n")
    return 0


def _fit(
    model: exported.ExportedModel,
    parses: splines.SplineParses,
    images: np.ndarray,
) -> Callable[[np.ndarray], object]:
    """Fits some of the parses, whose numbers are given, to their images."""
    n, k = np.indices(parses.log_prior.shape).reshape(2, -1)
    strokes = parses.rows((n, k)).types

    def call(rows: np.ndarray) -> object:
        return model.run(
            "fit",
            images=images[n[rows]],
            control_points=strokes.control_points[rows],
            num_control_points=strokes.num_control_points[rows],
            num_steps=np.full(len(rows), _NUM_STEPS, np.int32),
            learning_rate=np.full(
                len(rows), searched.LEARNING_RATE, np.float32
            ),
        )

    return call


def _refit(
    model: exported.ExportedModel,
    parses: splines.SplineParses,
    images: np.ndarray,
) -> Callable[[np.ndarray], object]:
    """Fits the first parses of some drawings to the drawings after them."""
    fitter = type_fitting.Fitter(model)
    first, following = parses.rows((slice(None), 0)), np.roll(images, -1, 0)
    return lambda rows: fitter.fit(
        first.rows(rows), following[rows], _NUM_STEPS
    )


if __name__ == "__main__":
    console.run(define, main)
