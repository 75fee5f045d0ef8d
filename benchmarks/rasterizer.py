"""The separable rasteriser against the one that broadcasts every pixel.

    python -m benchmarks.rasterizer [--batch_size=64] [--num_repeats=20]

Both turn control points `[B, K, 2]` and blurs `[B]` into ink `[B, H, W]`; the
naive one by way of `[B, H, W, S]` Gaussians. Each measurement runs in a fresh
process. Time is the median over the repeats. Peak memory is measured twice:

    tensors   what TensorFlow's allocator has handed out at the peak of a run,
              inputs excluded; not a number where a build keeps no statistics
    process   the growth of the process' high-water mark (`ru_maxrss`) from
              after a run on a single stroke, which pays for imports, tracing
              and thread pools, to after the runs on the batch; it includes
              the kernels' own buffers and gaps between tensors
"""

import argparse
import concurrent.futures
import itertools
import math
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian as rasterize

_IMAGE_SIZE = 50
_NUM_CURVE_POINTS = 100
_NUM_CONTROL_POINTS = 5
_MEBIBYTE = 2**20
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


class Case(NamedTuple):
    """What a process measures."""

    variant: str
    with_gradient: bool
    batch_size: int
    num_repeats: int


class Cost(NamedTuple):
    """What it measured: seconds, bytes, and the ink for comparison."""

    seconds: float
    tensor_bytes: float
    process_bytes: int
    ink: np.ndarray


def broadcast_ink(
    points: tf.Tensor, blur: tf.Tensor, image_size: int
) -> tf.Tensor:
    """The ink of `rasterize.ink` by its definition, `[..., H, W]`."""
    centres = (tf.range(image_size, dtype=tf.float32) + 0.5) / image_size
    x = points[..., tf.newaxis, tf.newaxis, :, 0]  # [..., 1, 1, S]
    y = points[..., tf.newaxis, tf.newaxis, :, 1]
    columns = tf.reshape(centres, [1, -1, 1])
    rows = tf.reshape(centres, [-1, 1, 1])
    square = (x - columns) ** 2 + (y - rows) ** 2  # [..., H, W, S]
    blur = blur[..., tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.reduce_sum(tf.exp(-square / (2.0 * blur**2)), -1)


_VARIANTS = {"broadcast": broadcast_ink, "separable": rasterize.ink}


def measure(case: Case) -> Cost:
    """Measures one case; to be called in a fresh process."""
    _stock_allocator(case.batch_size)
    run = _traced(_VARIANTS[case.variant], case.with_gradient)
    control_points, blur = _strokes(case.batch_size)
    run(control_points[:1], blur[:1])
    baseline = _high_water_mark()
    seconds = []
    for _ in range(case.num_repeats + 1):
        start = time.perf_counter()
        run(control_points, blur)[0].numpy()
        seconds.append(time.perf_counter() - start)
    process = _high_water_mark() - baseline
    tensors = _allocated_at_peak(lambda: run(control_points, blur))
    ink = run(control_points, blur)[0].numpy()
    return Cost(statistics.median(seconds[1:]), tensors, process, ink)


def _stock_allocator(batch_size: int) -> None:
    """Lets the allocator hold more than any case needs, none of it touched.

    It rounds up what it must take from the system, not what it has in stock.
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
    def forward(control_points, blur):
        points = bezier.curve_points(control_points, _NUM_CURVE_POINTS)
        return (ink_of(points, blur, _IMAGE_SIZE),)

    def forward_and_backward(control_points, blur):
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


def _allocated_at_peak(run: Callable) -> float:
    try:
        tf.config.experimental.reset_memory_stats("CPU:0")
    except ValueError:
        return math.nan
    before = tf.config.experimental.get_memory_info("CPU:0")["current"]
    run()
    return tf.config.experimental.get_memory_info("CPU:0")["peak"] - before


def _high_water_mark() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_maxrss * _MAXRSS_UNIT


def _print_row(direction: str, label: str, values: np.ndarray) -> None:
    numbers = "".join(f"{value:10.1f}" for value in values)
    print(f"{direction:20}{label:12}{numbers}")


def main() -> None:
    """Measures all cases and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--num_repeats", type=int, default=20)
    arguments = parser.parse_args()
    cases = [
        Case(variant, with_gradient, **vars(arguments))
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
        f"{arguments.batch_size} strokes of {_NUM_CURVE_POINTS} points on "
        f"{_IMAGE_SIZE}x{_IMAGE_SIZE} pixels, median of "
        f"{arguments.num_repeats} runs"
    )
    print(f"{'':20}{'':12}{'':>10}{'tensors':>10}{'process':>10}")
    print(f"{'':20}{'rasteriser':12}{'ms':>10}{'MiB':>10}{'MiB':>10}")
    rows = [
        np.array([1e3 * seconds, tensors / _MEBIBYTE, process / _MEBIBYTE])
        for seconds, tensors, process, _ in costs
    ]
    for naive, ours in ((0, 1), (2, 3)):
        for i in (naive, ours):
            direction = "forward" + cases[i].with_gradient * " + backward"
            _print_row(direction, cases[i].variant, rows[i])
        _print_row("", "ratio", rows[naive] / rows[ours])
    difference = max(np.abs(cost.ink - costs[0].ink).max() for cost in costs)
    print(f"Largest difference in ink: {difference:.1e}")


if __name__ == "__main__":
    main()
