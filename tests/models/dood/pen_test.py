import dataclasses

import numpy as np
import tensorflow as tf

from tfdood.models.dood import pen


def test_stroke_pen_starts_at_the_published_values():
    layer = pen.StrokePen(
        6, 8, min_blur=0.005, blur_bias=-2.0, stroke_contrast_bias=2.0
    )
    blur, contrast = layer(tf.random.normal([3, 6]))
    np.testing.assert_allclose(blur, [0.00917] * 3, atol=1e-5)
    np.testing.assert_allclose(contrast, [0.8046] * 3, atol=1e-4)


def test_canvas_pen_starts_at_the_published_value():
    contrast = pen.CanvasPen(6, 8, bias=-1.0)(tf.random.normal([3, 6]))
    np.testing.assert_allclose(contrast, [0.4765] * 3, atol=1e-4)


def test_the_smallest_blur_is_a_setting(tiny):
    config = dataclasses.replace(tiny, min_blur=0.01)
    blur, contrast = pen.stroke_pen(config, 6)(tf.random.normal([3, 6]))
    np.testing.assert_allclose(blur, [0.01358] * 3, atol=1e-5)
    np.testing.assert_allclose(contrast, [0.8046] * 3, atol=1e-4)


def test_neural_decoders_take_no_pen(tiny):
    config = dataclasses.replace(tiny, decoder="neural")
    chosen = pen.stroke_pen(config, 6)
    assert not hasattr(chosen, "weights")
    blur, contrast = chosen(tf.random.normal([3, 2, 6]))
    np.testing.assert_array_equal(blur, np.ones([3, 2]))
    np.testing.assert_array_equal(contrast, np.ones([3, 2]))
