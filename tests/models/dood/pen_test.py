import dataclasses

import numpy as np
import tensorflow as tf

from tfdood.models.dood import pen
from tfdood.types import Pen


def test_stroke_pen_starts_at_the_published_values(tiny):
    blur, contrast = pen.StrokePen(tiny, 6)(
        tf.random.stateless_normal([3, 6], [1, 2])
    )
    np.testing.assert_allclose(blur, [0.00917] * 3, atol=1e-5)
    np.testing.assert_allclose(contrast, [0.8046] * 3, atol=1e-4)


def test_canvas_pen_starts_at_the_published_value():
    contrast = pen.CanvasPen(6, 8, bias=-1.0)(
        tf.random.stateless_normal([3, 6], [1, 2])
    )
    np.testing.assert_allclose(contrast, [0.4765] * 3, atol=1e-4)


def test_smallest_blur_is_that_of_the_settings(tiny):
    settings = dataclasses.replace(tiny, min_blur=0.01)
    blur, contrast = pen.StrokePen(settings, 6)(
        tf.random.stateless_normal([3, 6], [1, 2])
    )
    np.testing.assert_allclose(blur, [0.01358] * 3, atol=1e-5)
    np.testing.assert_allclose(contrast, [0.8046] * 3, atol=1e-4)


def test_values_stay_in_their_ranges_for_large_weights(tiny):
    layer = pen.StrokePen(tiny, 6)
    kernel = layer.mlp.output_layer.kernel
    kernel.assign(1e3 * tf.random.stateless_normal(kernel.shape, [1, 2]))
    blur, contrast = layer(tf.random.stateless_normal([500, 6], [3, 4]))
    for value, limits in ((blur, [0.005, 0.04]), (contrast, [0.1, 0.9])):
        found = [np.min(value), np.max(value)]
        np.testing.assert_allclose(found, limits, rtol=1e-4)


def test_no_stroke_pen_gives_ones_and_has_no_weights():
    nothing = pen.NoStrokePen(None, 6)
    assert not hasattr(nothing, "weights")
    for value in nothing(tf.random.stateless_normal([3, 2, 6], [1, 2])):
        np.testing.assert_array_equal(value, np.ones([3, 2]))


def test_repeated_pen_has_its_own_mean():
    values = tf.constant([0.02, 0.6, 0.5])
    pens = pen.repeated(values, 3, 4)
    assert pens.blur.shape == (3, 4)
    assert pens.canvas_contrast.shape == (3,)
    np.testing.assert_allclose(
        pen.mean_of_first_strokes(pens), values, rtol=1e-5
    )


def test_mean_pen_is_that_of_first_strokes():
    pens = Pen(
        blur=tf.constant([[0.01, 9.0], [0.03, 9.0]]),
        stroke_contrast=tf.constant([[0.2, 9.0], [0.6, 9.0]]),
        canvas_contrast=tf.constant([0.5, 1.5]),
    )
    found = pen.mean_of_first_strokes(pens)
    np.testing.assert_allclose(found, [0.02, 0.4, 1.0], rtol=1e-5)


def test_pens_return_from_logits_in_their_ranges():
    ranges = ((0.005, 0.04), (0.1, 0.9), (0.1, 1.5))
    inside = Pen(
        *(np.float32([low, 0.7 * low + 0.3 * high]) for low, high in ranges)
    )
    found = pen.from_logits(pen.to_logits(inside, 0.005), 0.005)
    for value, expected in zip(found, inside, strict=True):
        np.testing.assert_allclose(value, expected, atol=2e-4)
    for sign, end in ((-1.0, 0), (1.0, 1)):
        far = Pen(*[tf.constant([sign * 50.0])] * 3)
        for value, limits in zip(
            pen.from_logits(far, 0.005), ranges, strict=True
        ):
            np.testing.assert_allclose(value, [limits[end]], rtol=1e-5)
