"""Measures the time of the training step and of its parts.

    python -m benchmarks.training_step [--batch_size=64] [--num_repeats=10]
        [--preset=dood --preset=dood_paper] [--set=PATH=VALUE] [--noxla]

The first table has whole steps of presets, without XLA and compiled by XLA.
With `--set`, a second version of each preset stands beside it; their calls
alternate. The second table has the parts of a step of `dood`: the number of
calls, the time of a call forward and backward, and, for some parts, the time of
a naive version; see `benchmarks.training_parts`. The parts are the larger ones,
and each is measured by itself, so that their times do not add up to the step.

All times are medians. Timings vary between runs, so compare the ratios.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import statistics
import time
from collections.abc import Callable, Sequence

import tensorflow as tf
from absl import flags

from benchmarks import training_parts
from tfdood import console
from tfdood.data.batching import Batch
from tfdood.settings import architectures, presets, text
from train import step

_SIZE = architectures.Dood().image_size
_DATASET = "quickdraw"
_OF_DRAWINGS = [
    name
    for name, config in presets.PRESETS.items()
    if config.training.dataset == _DATASET
]


def seconds_a_call(run: Callable, num_repeats: int) -> float:
    """Measures the median time of a call; two calls before do not count.

    Args:
        run: a function without arguments that returns tensors.
        num_repeats: the number of timed calls.

    Returns:
        The time in seconds.
    """
    return seconds_of_each([run], num_repeats)[0]


def seconds_of_each(runs: Sequence[Callable], num_repeats: int) -> list[float]:
    """Measures functions whose calls alternate, see `seconds_a_call`.

    Args:
        runs: functions without arguments that return tensors.
        num_repeats: the number of timed calls of each.

    Returns:
        The median time of each in seconds.
    """
    times = [[] for _ in runs]
    for _ in range(num_repeats + 2):
        for run, own in zip(runs, times, strict=True):
            start = time.perf_counter()
            tf.nest.map_structure(lambda x: x.numpy(), run())
            own.append(time.perf_counter() - start)
    return [statistics.median(own[2:]) for own in times]


def training_step(
    preset: str,
    jit_compile: bool,
    batch_size: int,
    changes: Sequence[str] = (),
) -> Callable:
    """Makes a whole training step of a new model."""
    trainer = step.Trainer(
        text.override(
            presets.get(preset, _DATASET),
            [f"training.jit_compile={jit_compile}", *changes],
        )
    )
    images = tf.random.stateless_uniform([batch_size, _SIZE, _SIZE, 1], [0, 0])
    batch = Batch(images, tf.zeros([batch_size], tf.int64))
    return lambda: trainer.train_step(batch)


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_integer(
        "batch_size",
        64,
        "Number of images in a batch.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_repeats",
        10,
        "Number of timed calls; their median is printed.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_multi_enum(
        "preset",
        ["dood", "dood_paper"],
        _OF_DRAWINGS,
        "Preset whose step is timed; may be given several times.",
        flag_values=values,
    )
    flags.DEFINE_multi_string(
        "set",
        [],
        "A setting of a second version of each preset, which is timed beside "
        "it, for example --set=model.encoder=paper.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "xla",
        default=True,
        help="Also time steps that XLA compiles, which takes minutes.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Prints both tables.

    Args:
        options: the values of the flags.
    """
    size, repeats = options.batch_size, options.num_repeats
    print(f"Training step, {size} images, median of {repeats}")
    print(f"{'preset':16}{'XLA':>6}{'--set':>6}{'ms':>10}{'images/s':>10}")
    versions = [(), options.set] if options.set else [()]
    for preset in options.preset:
        for jit in (False, True) if options.xla else (False,):
            runs = [training_step(preset, jit, size, v) for v in versions]
            seconds = seconds_of_each(runs, repeats)
            for version, each in zip(versions, seconds, strict=True):
                print(
                    f"{preset:16}{'yes' if jit else 'no':>6}"
                    f"{'yes' if version else 'no':>6}"
                    f"{1e3 * each:10.0f}{size / each:10.0f}",
                    flush=True,
                )

    print(f"\nParts, forward and backward, {size} images a call")
    print(f"{'part':16}{'calls':>6}{'ms':>8}{'a step':>8}{'naive':>8}{'':>8}")
    for name, (make, calls) in training_parts.PARTS.items():
        ours, naive = make(size)
        seconds = seconds_a_call(ours, repeats)
        row = f"{name:16}{calls:6}{1e3 * seconds:8.1f}"
        row += f"{1e3 * seconds * calls:8.0f}"
        if naive is not None:
            other = seconds_a_call(naive, repeats)
            row += f"{1e3 * other:8.1f}{other / seconds:7.1f}x"
        print(row, flush=True)


if __name__ == "__main__":
    console.run(define, main)
