"""Compares the separable rasteriser with a broadcasting rasteriser.

    python -m benchmarks.rasterizer [--batch_size=64] [--num_repeats=20]

Both compute ink `[B, H, W]` from control points `[B, K, 2]` and blurs `[B]`.
The broadcasting rasteriser computes `[B, H, W, S]` Gaussians as an intermediate
result. Each measurement runs in a new process. The time is the median over the
repeats. There are two measures of the peak memory:

    tensors   the peak memory of TensorFlow's tensors in a run, without the
              inputs; NaN if this TensorFlow build has no memory statistics
    process   the increase of the peak memory of the process (`ru_maxrss`)
              during the runs. A run on one stroke comes first, so that the
              memory of imports, tracing and thread pools does not count. The
              memory of buffers in kernels and of gaps between tensors counts.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import concurrent.futures
import itertools
import math
import multiprocessing
import resource
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks import timing
from tfdood import console
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian

_IMAGE_SIZE = 50
_NUM_CURVE_POINTS = 100
_NUM_CONTROL_POINTS = 5
_MEBIBYTE = 2**20
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


class Case(NamedTuple):
    """One measurement.

    Attributes:
        variant: a key of `_VARIANTS`.
        with_gradient: whether to compute gradients, too.
        batch_size: the number of strokes.
        num_repeats: the number of timed runs.
    """

    variant: str
    with_gradient: bool
    batch_size: int
    num_repeats: int


class Cost(NamedTuple):
    """The result of one measurement.

    Attributes:
        seconds: the median time of a run.
        tensor_bytes: the peak memory of tensors, see the module.
        process_bytes: the increase of the memory of the process, see the
            module.
        ink: `[B, H, W]`, to compare the variants.
    """

    seconds: float
    tensor_bytes: float
    process_bytes: int
    ink: np.ndarray


def broadcast_ink(
    points: tf.Tensor, blur: tf.Tensor, image_size: int
) -> tf.Tensor:
    """Computes the same as `gaussian.ink`, directly from the definition.

    Args:
        points: `[..., S, 2]`, points `(x, y)` of curves in the unit square.
        blur: `[...]`, positive, in image widths.
        image_size: `H = W` in pixels.

    Returns:
        `[..., H, W]`, the ink.
    """
    centres = (tf.range(image_size, dtype=tf.float32) + 0.5) / image_size
    x = points[..., tf.newaxis, tf.newaxis, :, 0]  # [..., 1, 1, S]
    y = points[..., tf.newaxis, tf.newaxis, :, 1]
    columns = tf.reshape(centres, [1, -1, 1])
    rows = tf.reshape(centres, [-1, 1, 1])
    square = (x - columns) ** 2 + (y - rows) ** 2  # [..., H, W, S]
    blur = blur[..., tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.reduce_sum(tf.exp(-square / (2.0 * blur**2)), -1)


_VARIANTS = {"broadcast": broadcast_ink, "separable": gaussian.ink}


def measure(case: Case) -> Cost:
    """Measures one case. It must run in a new process.

    Args:
        case: the case.

    Returns:
        The time and the memory of the case.
    """
    _reserve_memory(case.batch_size)
    run = _traced(_VARIANTS[case.variant], case.with_gradient)
    control_points, blur = _strokes(case.batch_size)
    run(control_points[:1], blur[:1])
    baseline = _peak_of_process()
    seconds = timing.median(
        lambda: run(control_points, blur)[0].numpy(), case.num_repeats
    )
    process = _peak_of_process() - baseline
    tensors = _peak_of_tensors(lambda: run(control_points, blur))
    ink = run(control_points, blur)[0].numpy()
    return Cost(seconds, tensors, process, ink)


def _reserve_memory(batch_size: int) -> None:
    """Makes TensorFlow's allocator request more memory than any case needs.

    The allocator rounds up the memory that it requests from the system. After
    this function, it requests no memory during a measurement. Nothing is
    written to this memory, so it does not count as memory of the process.
    """
    pixels = batch_size * _IMAGE_SIZE**2
    tf.raw_ops.Empty(shape=[4 * pixels * _NUM_CURVE_POINTS], dtype=tf.float32)


def _strokes(batch_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    rng = np.random.default_rng(0)
    shape = batch_size, _NUM_CONTROL_POINTS, 2
    control_points = tf.constant(rng.uniform(size=shape), tf.float32)
    blur = tf.constant(rng.uniform(0.01, 0.04, batch_size), tf.float32)
    return control_points, blur


def _traced(ink_of: Callable, with_gradient: bool) -> Callable:
    def forward(
        control_points: tf.Tensor, blur: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        points = bezier.curve_points(control_points, _NUM_CURVE_POINTS)
        return (ink_of(points, blur, _IMAGE_SIZE),)

    def forward_and_backward(
        control_points: tf.Tensor, blur: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        inputs = control_points, blur
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            (ink,) = forward(*inputs)
            loss = tf.reduce_sum(ink**2)
        return ink, *tape.gradient(loss, inputs)

    signature = [
        tf.TensorSpec([None, _NUM_CONTROL_POINTS, 2]),
        tf.TensorSpec([None]),
    ]
    function = forward_and_backward if with_gradient else forward
    return tf.function(function, input_signature=signature)


def _peak_of_tensors(run: Callable) -> float:
    """Returns the bytes that `run` allocates for tensors at its peak."""
    try:
        tf.config.experimental.reset_memory_stats("CPU:0")
    except ValueError:
        return math.nan
    before = tf.config.experimental.get_memory_info("CPU:0")["current"]
    run()
    return tf.config.experimental.get_memory_info("CPU:0")["peak"] - before


def _peak_of_process() -> int:
    """Returns the peak memory of this process so far, in bytes."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_maxrss * _MAXRSS_UNIT


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_integer(
        "batch_size",
        64,
        "Number of strokes; each stroke has its own canvas.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_repeats",
        20,
        "Number of timed runs.",
        lower_bound=1,
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Measures all cases, and prints a table.

    Args:
        options: the values of the flags.
    """
    cases = [
        Case(variant, with_gradient, options.batch_size, options.num_repeats)
        for with_gradient, variant in itertools.product(
            (False, True), _VARIANTS
        )
    ]
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=1,
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=1,
    ) as pool:
        costs = list(pool.map(measure, cases))
    print(
        f"{options.batch_size} strokes of {_NUM_CURVE_POINTS} points on "
        f"{_IMAGE_SIZE}x{_IMAGE_SIZE} pixels, median of {options.num_repeats} "
        "runs"
    )
    _print_table(cases, costs)
    difference = max(np.abs(cost.ink - costs[0].ink).max() for cost in costs)
    print(f"Largest difference in ink: {difference:.1e}")


def _print_table(cases: Sequence[Case], costs: Sequence[Cost]) -> None:
    print(f"{'':20}{'':12}{'':>10}{'tensors':>10}{'process':>10}")
    print(f"{'':20}{'rasteriser':12}{'ms':>10}{'MiB':>10}{'MiB':>10}")
    rows = [
        np.array([1e3 * seconds, tensors / _MEBIBYTE, process / _MEBIBYTE])
        for seconds, tensors, process, _ in costs
    ]
    for broadcast, separable in ((0, 1), (2, 3)):
        for i in (broadcast, separable):
            direction = "forward" + cases[i].with_gradient * " + backward"
            _print_row(direction, cases[i].variant, rows[i])
        with np.errstate(divide="ignore"):  # Small batches may need 0 MiB.
            ratio = rows[broadcast] / rows[separable]
        _print_row("", "ratio", ratio)


def _print_row(direction: str, label: str, values: np.ndarray) -> None:
    numbers = "".join(f"{value:10.1f}" for value in values)
    print(f"{direction:20}{label:12}{numbers}")


if __name__ == "__main__":
    console.run(define, main)
