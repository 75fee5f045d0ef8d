import numpy as np
import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat, splat_canvases


def _drawings(seed=0):
    """Two drawings of three and two strokes; one is a dot."""
    rng = np.random.default_rng(seed)
    numbers = np.array([[5, 1, 3], [2, 8, 0]])
    control_points = rng.uniform(10.0, 95.0, (2, 3, 8, 2))
    return tf.constant(control_points), tf.constant(numbers)


def test_canvases_are_those_of_each_prefix_blurred_and_resized():
    control_points, numbers = _drawings()
    found = splat_canvases.canvases_before(control_points, numbers)
    assert found.shape == (2, 4, 28, 28)
    points = bspline.points(control_points, numbers, 200)
    for drawn in range(4):
        is_point = (numbers > 0) & (tf.range(3) < drawn)
        large = splat.probabilities(
            points / 105.0,
            tf.repeat(is_point[..., tf.newaxis], 200, -1),
            tf.constant(0.5, tf.float64),
            tf.constant(0.0, tf.float64),
            105,
        )
        expected = tf.image.resize(large[..., tf.newaxis], [28, 28])[..., 0]
        np.testing.assert_allclose(found[:, drawn], expected, atol=1e-5)


def test_a_stroke_lies_where_its_control_points_are():
    ends = tf.constant([[[20.0, 70.0], [80.0, 70.0]]])
    ink = splat.broaden(
        tf.reduce_sum(splat_canvases.stroke_ink(ends, tf.constant([2])), -3)
    ).numpy()
    # A pixel has its centre at a half, and the curve ends 0.2 of the line away
    # from its control points, at 32 and 68.
    pixels = np.arange(105) + 0.5
    np.testing.assert_allclose(pixels @ ink.sum(1) / ink.sum(), 70.0, atol=0.02)
    np.testing.assert_allclose(pixels @ ink.sum(0) / ink.sum(), 50.0, atol=0.02)
    columns = pixels[ink.max(0) > 0.9]
    np.testing.assert_allclose([columns.min(), columns.max()], [32, 68], atol=2)


def test_padding_has_no_ink():
    control_points, numbers = _drawings()
    canvases = splat_canvases.canvases_before(control_points, numbers)
    np.testing.assert_array_equal(canvases[:, 0], 0.0)
    np.testing.assert_array_equal(canvases[1, 2], canvases[1, 3])
    fewer = splat_canvases.canvases_before(
        control_points[1, :2], numbers[1, :2]
    )
    np.testing.assert_allclose(fewer, canvases[1, :3], atol=1e-12)


def test_gradients_are_finite_for_dots_and_padding():
    control_points, numbers = _drawings()
    with tf.GradientTape() as tape:
        tape.watch(control_points)
        canvases = splat_canvases.canvases_before(control_points, numbers)
        loss = tf.reduce_sum(canvases[:, -1] ** 2)
    gradient = tape.gradient(loss, control_points).numpy()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[0, 0, :5]).min() > 0.0
    np.testing.assert_array_equal(gradient[1, 2], 0.0)
