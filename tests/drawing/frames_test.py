import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfdood.drawing import canvas, frames
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian

_SIZE = 20
_LAYOUTS = np.array(
    [
        [0.1, -0.2, 0.6, 0.5],
        [-0.3, 0.2, 0.3, -0.7],
        [0.0, 0.1, -0.5, 0.2],  # a negative scale turns by 180 degrees
        [0.2, 0.0, 1.7, 0.1],
    ]
)
_EXTREME_LAYOUTS = [
    [0.0, 0.0, 0.0, 0.0],
    [0.01, 0.02, 1e-8, 0.3],
    [0.01, 0.02, -1e-8, 0.3],
    [0.01, 0.02, 0.004, 0.3],
    [9.0, -9.0, 0.5, 4.0],
    [0.0, 0.0, 1e3, 0.0],
]


def _points(*leading, seed=0):
    rng = np.random.default_rng(seed)
    return tf.constant(rng.uniform(0.15, 0.85, (*leading, 5, 2)))


def _pen(*leading, seed=1):
    rng = np.random.default_rng(seed)
    return tuple(
        tf.constant(rng.uniform(low, high, leading))
        for low, high in ((0.02, 0.05), (0.2, 0.9))
    )


def _warped(image, layout):
    """The raster `[H, W]` of a frame, warped to the canvas by scipy."""
    size = len(image)
    centres = (2.0 * np.arange(size) + 1.0) / size - 1.0
    y, x = np.meshgrid(centres, centres, indexing="ij")
    x, y = x - layout[0], y - layout[1]
    c, s = np.cos(layout[3]), np.sin(layout[3])
    u, v = (c * x + s * y) / layout[2], (c * y - s * x) / layout[2]
    pixels = [((t + 1.0) * size - 1.0) / 2.0 for t in (v, u)]
    padded = np.pad(image, 1)
    return scipy.ndimage.map_coordinates(
        padded, [p + 1.0 for p in pixels], order=1, mode="constant"
    )


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (0.5, 0.5),
        (-0.5, -0.5),
        (0.01, 0.01),
        (0.004, 0.01),
        (-0.004, -0.01),
        (0.0, 0.01),
    ],
)
def test_invertible_keeps_scales_away_from_zero(scale, expected):
    layout = frames.invertible(tf.constant([0.1, -0.2, scale, 3.0]))
    np.testing.assert_allclose(layout, [0.1, -0.2, expected, 3.0], rtol=1e-6)


def test_gradient_of_invertible_is_zero_for_small_scales():
    layout = tf.constant([[0.0, 0.0, 0.5, 0.0], [0.0, 0.0, 0.004, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(layout)
        values = frames.invertible(layout)
    np.testing.assert_array_equal(
        tape.gradient(values, layout), [[1, 1, 1, 1], [1, 1, 0, 1]]
    )


def test_warp_equals_scipy():
    ink = np.random.default_rng(0).uniform(size=(4, _SIZE, _SIZE, 1))
    warped = frames.warp_from_frames(tf.constant(ink), tf.constant(_LAYOUTS))
    for row in range(4):
        np.testing.assert_allclose(
            warped[row, ..., 0],
            _warped(ink[row, ..., 0], _LAYOUTS[row]),
            atol=1e-9,
        )


def test_rasters_are_warped_and_then_divided_by_their_maximum():
    points, (blur, contrast) = _points(4), _pen(4)
    images = frames.stroke_images_in_frames(
        tf.constant(_LAYOUTS), points, blur, contrast, _SIZE, 50
    )
    assert images.shape == (4, _SIZE, _SIZE, 1)
    curves = bezier.curve_points(points, 50)
    rasters = gaussian.ink(curves, blur, _SIZE).numpy()
    for row in range(4):
        ink = _warped(rasters[row], _LAYOUTS[row])
        expected = np.tanh(ink / ink.max() / contrast[row])
        np.testing.assert_allclose(images[row, ..., 0], expected, atol=1e-9)


def test_frame_that_covers_the_canvas_gives_the_image_on_the_canvas():
    layout = tf.constant(np.tile([0.0, 0.0, 1.0, 0.0], (6, 1)))
    arguments = layout, _points(6), *_pen(6), _SIZE
    np.testing.assert_allclose(
        frames.stroke_images_in_frames(*arguments),
        canvas.stroke_images(*arguments),
        atol=1e-9,
    )


def test_lines_in_a_frame_have_the_placed_blur_on_the_canvas():
    layout = tf.constant([[0.1, 0.2, 0.5, 0.3], [0.0, 0.1, -0.6, 0.2]])
    points = tf.cast(_points(2), tf.float32)
    blur, contrast = tf.fill([2], 0.06), tf.fill([2], 0.5)
    image = frames.stroke_images_in_frames(
        layout, points, blur, contrast, 100, 200
    )
    placed, unplaced = (
        canvas.stroke_images(layout, points, b, contrast, 100, 200)
        for b in (canvas.place_blur(layout, blur), blur)
    )
    np.testing.assert_allclose(image, placed, atol=0.02)
    assert np.abs(image - unplaced).max() > 0.2


def test_border_of_the_frame_cuts_strokes_off():
    layout = tf.constant([0.0, 0.0, 0.4, 0.0])  # pixels 6 to 13 of 20
    line = tf.stack([tf.linspace(-1.0, 2.0, 5), tf.fill([5], 0.5)], -1)
    pen = tf.constant(0.03), tf.constant(0.5)
    image, uncut = (
        draw(layout, line, *pen, _SIZE)[..., 0].numpy()
        for draw in (frames.stroke_images_in_frames, canvas.stroke_images)
    )
    assert image[9:11, 6:14].min() > 0.5
    assert image[:, :5].max() == image[:, 15:].max() == 0.0
    assert uncut[10, 4] > 0.5


def test_any_layout_gives_finite_images_and_gradients():
    count = len(_EXTREME_LAYOUTS)
    inputs = [
        tf.constant(_EXTREME_LAYOUTS),
        tf.cast(_points(count), tf.float32),
        tf.fill([count], 0.02),
        tf.fill([count], 0.2),
    ]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        images = frames.stroke_images_in_frames(*inputs, _SIZE)
        total = tf.reduce_sum(images**2)
    for value in (images, *tape.gradient(total, inputs)):
        assert np.all(np.isfinite(value))
    # The four smallest frames cover at most 2 x 2 pixels.
    assert np.count_nonzero(images[:4], (1, 2, 3)).max() <= 4


def test_gradients_of_warped_ink_match_finite_differences():
    weights = np.random.default_rng(2).normal(size=(4, 8, 8, 1))
    ink = np.random.default_rng(3).uniform(size=(4, 8, 8, 1))

    @tf.function(autograph=False)
    def total(ink, layout):
        return tf.reduce_sum(weights * frames.warp_from_frames(ink, layout))

    exact, numerical = tf.test.compute_gradient(
        total, [tf.constant(ink), tf.constant(_LAYOUTS)], 1e-6
    )
    for a, b in zip(exact, numerical, strict=True):
        assert np.abs(b).max() > 0.1
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_leading_dimensions_equal_a_loop():
    layout = tf.constant(_LAYOUTS.reshape(2, 2, 4))
    stroke = layout, _points(2, 2), *_pen(2, 2)
    images = frames.stroke_images_in_frames(*stroke, _SIZE, 30)
    assert images.shape == (2, 2, _SIZE, _SIZE, 1)
    for index in np.ndindex(2, 2):
        one = frames.stroke_images_in_frames(
            *(x[index] for x in stroke), _SIZE, 30
        )
        np.testing.assert_allclose(images[index], one, atol=1e-12)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_trace_works_for_all_batch_sizes(jit_compile):
    def draw(*stroke):
        return frames.stroke_images_in_frames(*stroke, 10, 20)

    traced = tf.function(
        draw,
        jit_compile=jit_compile,
        input_signature=[
            tf.TensorSpec([None, *event], tf.float64)
            for event in ([4], [5, 2], [], [])
        ],
    )
    for batch_size in (1, 4):
        layout = tf.constant(_LAYOUTS[:batch_size])
        stroke = layout, _points(batch_size), *_pen(batch_size)
        np.testing.assert_allclose(traced(*stroke), draw(*stroke), atol=1e-9)
    assert traced.experimental_get_tracing_count() == 1
