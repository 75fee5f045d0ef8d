import dataclasses
import math

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfdood.drawing import canvas
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian as rasterize
from tfdood.models.dood import decoder
from tfdood.types import Pen, Strokes

_WHOLE = [0.0, 0.0, 1.0, 0.0]
_LAYOUTS = [
    [0.1, -0.2, 0.6, 0.5],
    [-0.3, 0.2, 0.3, -0.7],
    [0.0, 0.1, -0.5, 0.2],  # turned by a half
    [0.2, 0.0, 1.7, 0.1],
]
_EXTREMES = [
    [0.0, 0.0, 0.0, 0.0],
    [0.01, 0.02, 1e-8, 0.3],
    [0.01, 0.02, -1e-8, 0.3],
    [0.01, 0.02, 0.004, 0.3],
    [9.0, -9.0, 0.5, 4.0],
    [0.0, 0.0, 1e3, 0.0],
]


def _decoder(tiny, name, **changes):
    changes["stroke_frame" if name == "glimpse" else "decoder"] = name
    return decoder.build(dataclasses.replace(tiny, **changes))


def _points(count):
    return tf.random.stateless_uniform([count, 5, 2], [1, 2], 0.15, 0.85)


def _warped(image, layout):
    """`image` `[H, W]` of a stroke's frame on the canvas, by scipy."""
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


def test_settings_choose_the_decoder(tiny):
    assert type(decoder.build(tiny)) is decoder.SplineOnCanvas
    assert type(_decoder(tiny, "glimpse")) is decoder.SplineInGlimpse
    assert type(_decoder(tiny, "neural")) is decoder.NeuralDecoder


def test_a_frame_and_its_placed_blur_draw_the_same(tiny):
    size = dataclasses.replace(tiny, image_size=60)
    framed, on_canvas = (
        decoder.build(dataclasses.replace(size, stroke_frame=frame))
        for frame in ("glimpse", "canvas")
    )
    layouts = tf.constant([[0.1, -0.1, 0.7, 0.5], [0.0, 0.1, -0.6, 0.2]])
    blur, contrast = tf.fill([2], 0.04), tf.fill([2], 0.7)
    expected = framed(layouts, _points(2), blur, contrast)
    placed = canvas.place_blur(layouts, blur)
    np.testing.assert_allclose(placed, [0.028, 0.024], rtol=1e-5)
    image = on_canvas(layouts, _points(2), placed, contrast)
    np.testing.assert_allclose(image, expected, atol=0.08)
    unplaced = on_canvas(layouts, _points(2), blur, contrast)
    assert np.abs(unplaced - expected).max() > 0.2


def test_in_a_frame_that_is_the_canvas_both_splines_are_the_same(tiny):
    arguments = (
        tf.constant([_WHOLE] * 6),
        _points(6),
        tf.linspace(0.01, 0.04, 6),
        tf.linspace(0.2, 0.9, 6),
    )
    np.testing.assert_allclose(
        _decoder(tiny, "glimpse")(*arguments),
        decoder.build(tiny)(*arguments),
        atol=1e-5,
    )


def test_a_spline_is_warped_before_its_maximum_is_taken(tiny):
    points, blur = _points(4), tf.fill([4], 0.03)
    contrast = np.float32([0.2, 0.4, 0.6, 0.8])
    got = _decoder(tiny, "glimpse")(
        tf.constant(_LAYOUTS), points, blur, tf.constant(contrast)
    )
    assert got.shape == [4, 20, 20, 1]
    curves = bezier.curve_points(points, tiny.num_curve_points)
    frames = rasterize.ink(curves, blur, 20).numpy()
    for row, frame in enumerate(frames):
        ink = _warped(frame, _LAYOUTS[row])
        expected = np.tanh(ink / ink.max() / contrast[row])
        np.testing.assert_allclose(got[row, ..., 0], expected, atol=1e-4)


def test_lines_are_thinner_in_smaller_frames(tiny):
    arguments = tf.constant([[0.1, 0.2, 0.5, 0.3]]), _points(1)
    contrast = tf.constant([0.5])
    fine = {"image_size": 100, "num_curve_points": 200}
    in_frame = _decoder(tiny, "glimpse", **fine)(
        *arguments, tf.constant([0.06]), contrast
    )
    on_canvas = decoder.build(dataclasses.replace(tiny, **fine))
    same, thicker = (
        np.abs(in_frame - on_canvas(*arguments, tf.constant([b]), contrast))
        for b in (0.03, 0.06)
    )
    assert same.max() < 0.02
    assert thicker.max() > 0.2


def test_the_border_of_the_frame_cuts_strokes_off(tiny):
    layout = tf.constant([[0.0, 0.0, 0.4, 0.0]])  # the pixels 6 to 13 of 20
    line = tf.stack([tf.linspace(-1.0, 2.0, 5), tf.fill([5], 0.5)], -1)[None]
    pen = tf.constant([0.03]), tf.constant([0.5])
    image = _decoder(tiny, "glimpse")(layout, line, *pen).numpy()[0, ..., 0]
    assert image[9:11, 6:14].min() > 0.5
    assert image[:, :5].max() == image[:, 15:].max() == 0.0
    assert decoder.build(tiny)(layout, line, *pen).numpy()[0, 10, 4, 0] > 0.5


@pytest.mark.parametrize("name", ["glimpse", "neural"])
def test_values_and_gradients_are_finite_for_any_layout(tiny, name):
    layouts = tf.constant(_EXTREMES)
    inputs = [
        layouts,
        _points(len(_EXTREMES)),
        tf.fill([len(_EXTREMES)], 0.02),
        tf.fill([len(_EXTREMES)], 0.2),
    ]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        image = _decoder(tiny, name)(*inputs)
        total = tf.reduce_sum(image**2)
    assert np.all(np.isfinite(image))
    gradients = [g for g in tape.gradient(total, inputs) if g is not None]
    assert len(gradients) >= 2
    assert all(np.all(np.isfinite(g)) for g in gradients)
    # Frames of no size are at most a dot.
    assert np.count_nonzero(image[:4], (1, 2, 3)).max() <= 4


def test_gradients_by_layouts_are_those_of_finite_differences(tiny):
    draw = _decoder(tiny, "glimpse")
    points = tf.cast(_points(4), tf.float64)
    pen = tf.fill([4], tf.constant(0.05, tf.float64))
    weights = tf.random.stateless_normal(
        [4, 20, 20, 1], [3, 4], dtype=tf.float64
    )

    def total(layouts):
        curves = bezier.curve_points(points, draw.num_curve_points)
        ink = rasterize.ink(curves, pen, 20)[..., tf.newaxis]
        return tf.reduce_sum(weights * decoder.warp(ink, layouts))

    layouts = tf.constant(_LAYOUTS, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(layouts)
        value = total(layouts)
    gradient = tape.gradient(value, layouts).numpy()
    for index in np.ndindex(4, 4):
        step = np.zeros([4, 4])
        step[index] = 1e-6
        numerical = (total(layouts + step) - total(layouts - step)) / 2e-6
        np.testing.assert_allclose(gradient[index], numerical, rtol=1e-4)


def test_a_neural_stroke_is_a_warped_mlp_of_its_code(tiny):
    neural = _decoder(tiny, "neural")
    codes = tf.random.stateless_normal([2, 2, 5, 2], [5, 6])
    layouts = tf.reshape(tf.constant(_LAYOUTS), [2, 2, 4])
    image = neural(layouts, codes, tf.ones([2, 2]), tf.ones([2, 2]))
    hidden = (np.reshape(codes, [4, 10]) - 0.5) / 0.2
    for layer in neural.mlp.hidden:
        hidden = np.tanh(hidden @ np.array(layer.kernel) + np.array(layer.bias))
    output = neural.mlp.output_layer
    logits = hidden @ np.array(output.kernel) + np.array(output.bias)
    frames = np.log1p(np.exp(logits - 4.0)).reshape(4, 20, 20)
    expected = [
        _warped(frame, layout)
        for frame, layout in zip(frames, _LAYOUTS, strict=True)
    ]
    np.testing.assert_allclose(
        np.reshape(image, [4, 20, 20]), expected, atol=1e-5
    )


def _drawing():
    strokes = Strokes(
        tf.ones([1, 2]),
        tf.constant([[[0.1, -0.1, 0.5, 0.3], [0.0, 0.0, -0.4, 0.0]]]),
        _points(2)[tf.newaxis],
    )
    return strokes, Pen(tf.fill([1, 2], 0.04), tf.ones([1, 2]), tf.ones([1]))


def test_tokens_of_frames_keep_the_widths_of_lines(tiny):
    strokes, pen = _drawing()
    noise = tf.zeros([1, 2, 5, 2]), tf.zeros([1, 7])
    same, same_pen = decoder.build(tiny).token(strokes, pen, *noise)
    np.testing.assert_array_equal(same_pen.blur, pen.blur)
    framed, framed_pen = _decoder(tiny, "glimpse").token(strokes, pen, *noise)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(same.control_points, framed.control_points)
    np.testing.assert_allclose(framed_pen.blur, [[0.02, 0.016]], rtol=1e-5)


def test_tokens_of_codes_keep_their_codes(tiny):
    strokes, pen = _drawing()
    noise = tf.random.stateless_normal([1, 2, 5, 2], [1, 2])
    token, token_pen = _decoder(tiny, "neural").token(
        strokes, pen, noise, tf.constant([[math.inf] + [0.0] * 6])
    )
    np.testing.assert_array_equal(token.control_points, strokes.control_points)
    moved = strokes.layout + [0.1, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(token.layout, moved, rtol=1e-5, atol=1e-6)
    assert token_pen is pen
