import functools

import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian

_SIZE = 12


def _stroke(*leading, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    control_points = rng.uniform(-0.1, 1.1, (*leading, 5, 2))
    blur = rng.uniform(0.03, 0.08, leading)
    stroke_contrast = rng.uniform(0.2, 0.9, leading)
    values = control_points, blur, stroke_contrast
    return tuple(tf.constant(value, dtype) for value in values)


def _brute_force_ink(points, blur, size):
    image = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            for x, y in points:
                distance = np.hypot(x - (j + 0.5) / size, y - (i + 0.5) / size)
                image[i, j] += np.exp(-(distance**2) / (2.0 * blur**2))
    return image


def _broadcast_ink(points, blur, size):
    centres = (np.arange(size) + 0.5) / size
    x = points[..., np.newaxis, np.newaxis, :, 0]  # [..., 1, 1, S]
    y = points[..., np.newaxis, np.newaxis, :, 1]
    dx = x - centres[:, np.newaxis]  # [..., 1, W, S]
    dy = y - centres[:, np.newaxis, np.newaxis]  # [..., H, 1, S]
    blur = blur[..., np.newaxis, np.newaxis, np.newaxis]
    return np.exp(-(dx**2 + dy**2) / (2.0 * blur**2)).sum(-1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ink_equals_a_loop_over_pixels_and_points(dtype):
    points = np.random.default_rng(0).uniform(-0.1, 1.1, (7, 2))
    ink = gaussian.ink(
        tf.constant(points, dtype), tf.constant(0.05, dtype), _SIZE
    )
    rtol = 1e-4 if dtype == np.float32 else 1e-9
    expected = _brute_force_ink(points, 0.05, _SIZE)
    np.testing.assert_allclose(ink, expected, rtol, 1e-9)


def test_ink_equals_a_broadcast_sum():
    control_points, blur, _ = _stroke(3, 2, dtype=np.float32)
    points = bezier.curve_points(control_points, 100)
    np.testing.assert_allclose(
        gaussian.ink(points, blur, 50),
        _broadcast_ink(points.numpy(), blur.numpy(), 50),
        atol=1e-3,
    )


def test_dot_lies_on_its_pixel_with_x_right_and_y_down():
    column, row = 3, 8
    centre = (np.array([[column, row]]) + 0.5) / _SIZE
    blur = tf.constant(0.03, tf.float64)
    ink = gaussian.ink(tf.constant(centre), blur, _SIZE).numpy()
    assert np.unravel_index(ink.argmax(), ink.shape) == (row, column)
    np.testing.assert_allclose(ink[row, column], 1.0)
    # One pixel away: exp(-(1 / size)^2 / (2 blur^2)).
    neighbour = np.exp(-((1.0 / _SIZE) ** 2) / (2.0 * 0.03**2))
    np.testing.assert_allclose(ink[row, column + 1], neighbour)
    np.testing.assert_allclose(ink[row - 1, column], neighbour)


def test_shifting_the_points_by_a_pixel_shifts_the_ink():
    points = np.random.default_rng(1).uniform(0.3, 0.7, (9, 2))
    blur = tf.constant(0.05, tf.float64)
    ink = gaussian.ink(tf.constant(points), blur, _SIZE).numpy()
    moved = gaussian.ink(tf.constant(points + [2 / _SIZE, 0]), blur, _SIZE)
    np.testing.assert_allclose(moved.numpy()[:, 2:], ink[:, :-2], atol=1e-12)


def test_peak_of_a_stroke_is_tanh_of_one_over_contrast():
    control_points, blur, contrast = _stroke(4, 3)
    image = gaussian.stroke_image(control_points, blur, contrast, 50)
    assert image.shape == (4, 3, 50, 50, 1)
    peak = tf.reduce_max(image, (-3, -2, -1))
    np.testing.assert_allclose(peak, np.tanh(1.0 / contrast.numpy()))


def test_stroke_image_is_tanh_of_normalised_ink():
    control_points, blur, contrast = _stroke(3)
    points = bezier.curve_points(control_points, 30).numpy()
    ink = _broadcast_ink(points, blur.numpy(), _SIZE)
    ink /= ink.max((-2, -1), keepdims=True)
    expected = np.tanh(ink / contrast.numpy()[:, np.newaxis, np.newaxis])
    image = gaussian.stroke_image(control_points, blur, contrast, _SIZE, 30)
    np.testing.assert_allclose(image[..., 0], expected, atol=1e-9)


def _line_below(distance):
    """A level line below the canvas, `distance` blurs from the last row."""
    blur = 0.05
    y = 1.0 - 0.5 / _SIZE + blur * distance
    points = np.stack([np.linspace(0.1, 0.9, 5), np.full(5, y)], -1)
    return tf.constant(points, tf.float32), blur


def _brightest(distance):
    points, blur = _line_below(distance)
    image = gaussian.stroke_image(points, blur, 0.5, _SIZE)
    return float(tf.reduce_max(image))


def test_strokes_fade_continuously_when_they_leave_the_canvas():
    # With division by the maximum alone, the first values are tanh(2), and the
    # image disappears between two of the distances.
    distances = np.arange(0.0, 7.0, 0.05)
    brightest = np.array([_brightest(distance) for distance in distances])
    np.testing.assert_allclose(brightest[0], np.tanh(2.0), rtol=1e-4)
    assert np.all(np.diff(brightest) <= 1e-6)
    assert np.abs(np.diff(brightest)).max() < 0.08
    assert _brightest(4.2) < 0.05


@pytest.mark.parametrize("distance", [2.5, 3.5, 4.5])
def test_gradient_leads_strokes_back_to_the_canvas(distance):
    points, blur = _line_below(distance)
    with tf.GradientTape() as tape:
        tape.watch(points)
        image = gaussian.stroke_image(points, blur, 0.5, _SIZE)
        error = tf.reduce_mean(tf.abs(1.0 - image[-1]))
    gradient = tape.gradient(error, points)[..., 1].numpy()
    assert np.all(gradient > 0.0)  # A step against it moves the line up.


def _projection(image):
    weights = np.random.default_rng(7).normal(size=image.shape)
    return tf.reduce_sum(weights * image)


def test_ink_gradients_match_finite_differences():
    points = tf.constant(np.random.default_rng(0).uniform(0, 1, (2, 6, 2)))
    blur = tf.constant([0.05, 0.09], tf.float64)
    exact, numerical = tf.test.compute_gradient(
        lambda *args: _projection(gaussian.ink(*args, 6)), [points, blur], 1e-6
    )
    for a, b in zip(exact, numerical, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


def test_no_gradient_flows_through_the_peak():
    # Compares with finite differences of the ink over a constant peak. A
    # gradient through the maximum would be a difference.
    stroke = _stroke()
    points = bezier.curve_points(stroke[0], 20)
    peak = tf.reduce_max(gaussian.ink(points, stroke[1], 8))

    @tf.function(autograph=False)
    def with_constant_peak(control_points, blur, contrast):
        points = bezier.curve_points(control_points, 20)
        image = tf.tanh(gaussian.ink(points, blur, 8) / peak / contrast)
        return _projection(image[..., tf.newaxis])

    @tf.function(autograph=False)
    def with_own_peak(*stroke):
        return _projection(gaussian.stroke_image(*stroke, 8, 20))

    exact, through_peak = tf.test.compute_gradient(with_own_peak, stroke, 1e-6)
    _, numerical = tf.test.compute_gradient(with_constant_peak, stroke, 1e-6)
    for a, b in zip(exact, numerical, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    assert np.abs(exact[0] - through_peak[0]).max() > 0.1


@functools.cache
def _image_and_gradients(jit_compile):
    @tf.function(jit_compile=jit_compile)
    def image_and_gradients(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            image = gaussian.stroke_image(*inputs, 20)
        return image, *tape.gradient(image, inputs)

    return image_and_gradients


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize(
    ("centre", "spread", "blur"),
    [
        (0.5, 0.3, 0.02),
        (0.5, 0.0, 0.02),
        (0.5, 0.3, 1e-6),
        (-3.0, 0.1, 0.02),
        (1e6, 1e5, 1e-6),
    ],
    ids=["usual", "zero length", "tiny blur", "off canvas", "far off canvas"],
)
def test_gradients_are_finite(centre, spread, blur, jit_compile):
    rng = np.random.default_rng(0)
    control_points = centre + spread * rng.normal(size=(5, 2))
    inputs = (
        tf.constant(control_points, tf.float32),
        tf.constant(blur),
        tf.constant(0.1),
    )
    for value in _image_and_gradients(jit_compile)(*inputs):
        assert np.isfinite(value).all()


def test_leading_dimensions_equal_a_loop():
    stroke = _stroke(2, 3)
    image = gaussian.stroke_image(*stroke, _SIZE, 10)
    for index in np.ndindex(2, 3):
        one = gaussian.stroke_image(*(x[index] for x in stroke), _SIZE, 10)
        np.testing.assert_allclose(image[index], one, atol=1e-12)


def test_one_trace_works_for_all_batch_sizes():
    traced = tf.function(
        lambda *args: gaussian.stroke_image(*args, _SIZE, 10),
        input_signature=[
            tf.TensorSpec(shape, tf.float64)
            for shape in ([None, 5, 2], [None], [None])
        ],
    )
    for batch_size in (1, 4):
        stroke = _stroke(batch_size)
        np.testing.assert_allclose(
            traced(*stroke),
            gaussian.stroke_image(*stroke, _SIZE, 10),
            atol=1e-12,
        )
    assert traced.experimental_get_tracing_count() == 1
