"""Compares splatted ink for many strokes at once with a loop over strokes.

    python -m benchmarks.splat [--num_drawings=100] [--num_repeats=5]

Both compute the ink of drawings of three strokes with 60 points on 105 x 105
pixels, and its gradient. The loop scatters the points of one stroke after the
other, as a program for one drawing does.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import sys
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks import timing
from tfdood import console
from tfdood.drawing.ink import splat

_SIZE, _NUM_STROKES, _NUM_POINTS = 105, 3, 60


def scattered(points: tf.Tensor) -> tf.Tensor:
    """Computes the ink of one stroke by scattering its points.

    Args:
        points: `[S, 2]`, inside the page and at least 2 pixels long together.

    Returns:
        `[H, W]`.
    """
    places = points * _SIZE - 0.5
    steps = tf.norm(places[1:] - places[:-1], axis=-1)
    weights = tf.minimum(tf.concat([steps[:1], steps], 0), 2.0)
    corner = tf.floor(places)
    rest = places - corner
    image = tf.zeros([_SIZE, _SIZE])
    for right in (0, 1):
        for down in (0, 1):
            share = tf.abs(rest - tf.constant([1.0 - right, 1.0 - down]))
            index = tf.cast(corner, tf.int32) + [right, down]
            image = tf.tensor_scatter_nd_add(
                image, index[:, ::-1], weights * tf.reduce_prod(share, -1)
            )
    return image


def looped(points: tf.Tensor) -> tf.Tensor:
    """The ink of drawings, one stroke after the other.

    Args:
        points: `[B, T, S, 2]`.

    Returns:
        `[B, H, W]`.
    """
    return tf.stack(
        [
            tf.add_n([scattered(stroke) for stroke in drawing])
            for drawing in tf.unstack(points)
        ]
    )


def at_once(points: tf.Tensor) -> tf.Tensor:
    """The same by `splat.stroke_ink`."""
    is_point = tf.ones(points.shape[:-1], tf.bool)
    return tf.reduce_sum(splat.stroke_ink(points, is_point, _SIZE), -3)


def seconds(
    draw: Callable[[tf.Tensor], tf.Tensor], points: tf.Tensor, repeats: int
) -> float:
    """Measures drawing and its gradient.

    Args:
        draw: `looped` or `at_once`.
        points: `[B, T, S, 2]`.
        repeats: number of measurements.

    Returns:
        The median time.
    """

    def both() -> np.ndarray:
        with tf.GradientTape() as tape:
            tape.watch(points)
            loss = tf.reduce_sum(draw(points) ** 2)
        return tape.gradient(loss, points).numpy()

    return timing.median(both, repeats)


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    for name, value, help_text in (
        ("num_drawings", 100, "Drawings in a batch."),
        ("num_repeats", 5, "Measurements, after one that is not counted."),
    ):
        flags.DEFINE_integer(
            name, value, help_text, lower_bound=1, flag_values=values
        )


def main(options: flags.FlagValues) -> None:
    """Prints both times and their ratio.

    Args:
        options: the values of the flags.
    """
    ends = np.random.default_rng(0).uniform(
        0.1, 0.9, (2, options.num_drawings, _NUM_STROKES, 2)
    )
    points = tf.constant(np.linspace(*ends, _NUM_POINTS, axis=2), tf.float32)
    np.testing.assert_allclose(at_once(points), looped(points), atol=1e-3)
    one, other = (
        seconds(draw, points, options.num_repeats) for draw in (looped, at_once)
    )
    sys.stdout.write(
        f"{options.num_drawings} drawings, forward and backward: "
        f"loop {1e3 * one:,.0f} ms, at once {1e3 * other:,.0f} ms, "
        f"{one / other:.0f} times\n"
    )


if __name__ == "__main__":
    console.run(define, main)
