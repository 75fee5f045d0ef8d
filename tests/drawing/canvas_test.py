import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian
from tfdood.types import Pen, Strokes


def _stroke_images(*leading, num_strokes=4, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.uniform(size=(*leading, num_strokes, 5, 6, 1))
    contrast = rng.uniform(0.3, 1.5, leading)
    return tf.constant(images), tf.constant(contrast)


def _presence(*counts, num_strokes=4):
    return tf.sequence_mask(counts, num_strokes, tf.float64)


def _drawing(*leading, num_strokes=3, seed=0):
    rng = np.random.default_rng(seed)
    steps = (*leading, num_strokes)
    layout = rng.uniform([-0.5, -0.5, 0.3, -1], [0.5, 0.5, 1, 1], (*steps, 4))
    control_points = rng.uniform(0, 1, (*steps, 5, 2))
    strokes = Strokes(np.ones(steps), layout, control_points)
    pen = Pen(
        rng.uniform(0.02, 0.06, steps),
        rng.uniform(0.2, 0.9, steps),
        rng.uniform(0.3, 1.5, leading),
    )
    return tuple(
        type(group)(*(tf.constant(x) for x in group))
        for group in (strokes, pen)
    )


def _canvases(strokes, pen, size):
    images = canvas.stroke_images(
        strokes.layout,
        strokes.control_points,
        pen.blur,
        pen.stroke_contrast,
        size,
    )
    return canvas.composite(images, strokes.presence, pen.canvas_contrast)


def test_each_canvas_is_tanh_of_the_sum_of_strokes_so_far():
    images, contrast = _stroke_images(3)
    presence = _presence(0, 2, 4)
    canvases = canvas.composite(images, presence, contrast).numpy()
    for b in range(3):
        for t in range(4):
            total = sum(presence[b, s] * images[b, s] for s in range(t + 1))
            expected = np.tanh(total / contrast[b])
            np.testing.assert_allclose(canvases[b, t], expected, atol=1e-12)


def test_absent_strokes_do_not_change_the_canvas():
    images, contrast = _stroke_images(2)
    canvases = canvas.composite(images, _presence(0, 2), contrast)
    np.testing.assert_array_equal(canvases[0], 0.0)
    np.testing.assert_allclose(canvases[1, 1], canvases[1, 3], atol=1e-12)
    assert tf.reduce_max(canvases[1, 1] - canvases[1, 0]) > 0.1


def test_last_canvas_does_not_depend_on_the_order_of_strokes():
    images, contrast = _stroke_images(2)
    presence = _presence(4, 4)
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        canvas.composite(tf.gather(images, order, axis=1), presence, contrast)[
            :, -1
        ],
        canvas.composite(images, presence, contrast)[:, -1],
        atol=1e-12,
    )


@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_composite_last_equals_the_last_canvas(leading):
    images, contrast = _stroke_images(*leading)
    counts = np.random.default_rng(1).integers(0, 5, leading)
    presence = tf.sequence_mask(counts, 4, tf.float64)
    last = canvas.composite_last(images, presence, contrast)
    assert last.shape == (*leading, 5, 6, 1)
    canvases = canvas.composite(images, presence, contrast)
    np.testing.assert_allclose(last, canvases[..., -1, :, :, :], atol=1e-12)


def test_canvases_equal_a_running_sum():
    images, contrast = _stroke_images(2)
    presence = _presence(3, 4)
    canvases = canvas.composite(images, presence, contrast)
    total_ink = tf.zeros_like(images[:, 0])
    for t in range(4):
        weight = presence[:, t, tf.newaxis, tf.newaxis, tf.newaxis]
        total_ink += weight * images[:, t]
        np.testing.assert_allclose(
            canvas.normalize(total_ink, contrast), canvases[:, t], atol=1e-12
        )


def test_peak_of_a_single_stroke_is_a_tanh_of_a_tanh():
    strokes, pen = _drawing(num_strokes=1)
    canvases = _canvases(strokes, pen, 40)
    assert canvases.shape == (1, 40, 40, 1)
    expected = np.tanh(np.tanh(1 / pen.stroke_contrast) / pen.canvas_contrast)
    np.testing.assert_allclose(tf.reduce_max(canvases), expected[0])


def test_identity_layout_does_not_move_control_points():
    strokes, pen = _drawing(2)
    layout = tf.broadcast_to(
        tf.constant([0, 0, 1, 0], tf.float64), strokes.layout.shape
    )
    images = gaussian.stroke_image(
        strokes.control_points, pen.blur, pen.stroke_contrast, 20
    )
    np.testing.assert_allclose(
        _canvases(strokes._replace(layout=layout), pen, 20),
        canvas.composite(images, strokes.presence, pen.canvas_contrast),
        atol=1e-9,
    )


def test_layout_moves_the_control_points():
    strokes, pen = _drawing(2)
    affine = affine_lib.from_layout(strokes.layout)
    placed = Strokes(
        strokes.presence,
        tf.zeros_like(strokes.layout) + [0, 0, 1, 0],
        affine_lib.transform_points(strokes.control_points, affine),
    )
    np.testing.assert_allclose(
        _canvases(placed, pen, 20),
        _canvases(strokes, pen, 20),
        atol=1e-9,
    )


def _curves(strokes):
    affine = affine_lib.from_layout(strokes.layout)
    placed = affine_lib.transform_points(strokes.control_points, affine)
    return bezier.curve_points(placed, 100)


def test_gradients_match_finite_differences():
    strokes, pen = _drawing(num_strokes=2)
    weights = np.random.default_rng(7).normal(size=(2, 6, 6, 1))
    # No gradient flows through the peaks; here they are constants.
    peaks = tf.reduce_max(gaussian.ink(_curves(strokes), pen.blur, 6), (-2, -1))

    @tf.function(autograph=False)
    def with_constant_peaks(presence, layout, control_points, *pen_fields):
        pen = Pen(*pen_fields)
        strokes = Strokes(presence, layout, control_points)
        slope = 1.0 / (peaks * pen.stroke_contrast)
        image = gaussian.ink(_curves(strokes), pen.blur, 6)
        image = tf.tanh(image * slope[:, tf.newaxis, tf.newaxis])
        canvases = canvas.composite(
            image[..., tf.newaxis], presence, pen.canvas_contrast
        )
        return tf.reduce_sum(weights * canvases)

    @tf.function(autograph=False)
    def with_own_peaks(*fields):
        canvases = _canvases(Strokes(*fields[:3]), Pen(*fields[3:]), 6)
        return tf.reduce_sum(weights * canvases)

    fields = [*strokes, *pen]
    exact, _ = tf.test.compute_gradient(with_own_peaks, fields, 1e-6)
    _, numerical = tf.test.compute_gradient(with_constant_peaks, fields, 1e-6)
    for a, b in zip(exact, numerical, strict=True):
        assert np.abs(b).max() > 1e-3
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_trace_works_for_all_batch_sizes(jit_compile):
    def draw(*fields):
        return _canvases(Strokes(*fields[:3]), Pen(*fields[3:]), 10)

    events = ([3], [3, 4], [3, 5, 2], [3], [3], [])
    traced = tf.function(
        draw,
        jit_compile=jit_compile,
        input_signature=[
            tf.TensorSpec([None, *event], tf.float64) for event in events
        ],
    )
    for batch_size in (1, 4):
        strokes, pen = _drawing(batch_size)
        np.testing.assert_allclose(
            traced(*strokes, *pen),
            _canvases(strokes, pen, 10),
            atol=1e-9,
        )
    assert traced.experimental_get_tracing_count() == 1


def test_leading_dimensions_equal_a_loop():
    strokes, pen = _drawing(2, 3)
    canvases = _canvases(strokes, pen, 10)
    for index in np.ndindex(2, 3):
        one = _canvases(
            Strokes(*(x[index] for x in strokes)),
            Pen(*(x[index] for x in pen)),
            10,
        )
        np.testing.assert_allclose(canvases[index], one, atol=1e-12)


def test_placed_blur_is_the_blur_times_the_magnitude_of_the_scale():
    layout = tf.constant([[0.1, 0.2, 0.5, 3.0], [0.0, 0.0, -2.0, 1.0]])
    blur = canvas.place_blur(layout, tf.constant([0.04, 0.03]))
    np.testing.assert_allclose(blur, [0.02, 0.06], rtol=1e-6)


def test_placed_points_are_rotated_scaled_and_shifted():
    strokes, _ = _drawing(2)
    shift_x, shift_y, scale, r = np.moveaxis(strokes.layout.numpy(), -1, 0)
    centred = 2.0 * strokes.control_points.numpy() - 1.0  # [2, 3, 5, 2]
    x, y = np.moveaxis(centred, -1, 0)
    c, s = (scale * f(r) for f in (np.cos, np.sin))
    moved_x = c[..., np.newaxis] * x - s[..., np.newaxis] * y
    moved_y = s[..., np.newaxis] * x + c[..., np.newaxis] * y
    moved = np.stack(
        [
            moved_x + shift_x[..., np.newaxis],
            moved_y + shift_y[..., np.newaxis],
        ],
        -1,
    )
    np.testing.assert_allclose(
        canvas.place(strokes.layout, strokes.control_points),
        (moved + 1.0) / 2.0,
        atol=1e-12,
    )
