import random

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfdood.models.baselines import code_model
from tfdood.models.common import canvas_scale

_FLOOR = 0.02


def _scale(kernel=5):
    layer = canvas_scale.CanvasScale(_FLOOR, kernel)
    for number, weight in enumerate(layer.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 3])
        weight.assign_add(0.3 * noise)
    return layer


def _canvases(*shape, height=12, width=12):
    rng = np.random.default_rng(0)
    canvases = rng.uniform(size=[*shape, height, width, 1])
    return tf.constant(canvases, tf.float32)


@pytest.mark.parametrize(("height", "width"), [(12, 12), (11, 12), (12, 9)])
def test_scale_is_a_convolution_and_two_dense_layers(height, width):
    layer, canvas = _scale(3), _canvases(2, height=height, width=width)
    kernel, bias = (np.array(v) for v in layer.convolution.weights)
    features = np.stack(
        [
            scipy.ndimage.correlate(
                canvas[..., 0], kernel[None, ..., 0, i], mode="constant"
            )
            for i in range(kernel.shape[-1])
        ],
        -1,
    )
    for dense in (layer.hidden, layer.output_layer):
        features = np.maximum(features + bias, 0.0)
        kernel, bias = (np.array(v) for v in dense.weights)
        features = features @ kernel
    expected = _FLOOR + np.exp(features + bias)
    np.testing.assert_allclose(layer(canvas), expected, rtol=1e-4)


def test_scale_is_at_least_its_bound():
    layer, canvas = _scale(), _canvases(2)
    free = layer.unbounded(canvas)
    assert np.min(free) > _FLOOR
    bound = float(np.median(free))
    layer.bound.assign(bound)
    np.testing.assert_allclose(layer(canvas), np.maximum(free, bound))
    # The same route, repeated: exact.
    np.testing.assert_array_equal(layer.unbounded(canvas), free)


@pytest.mark.parametrize(("kernel", "gpus"), [(2, []), (5, []), (5, ["GPU"])])
def test_fixed_scales_are_the_same_and_have_no_gradient(
    monkeypatch, kernel, gpus
):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: gpus)
    layer, canvas = _scale(kernel), _canvases(2, 3, height=11)
    layer.bound.assign(float(np.median(layer.unbounded(canvas))))
    with tf.GradientTape() as tape:
        tape.watch(canvas)
        scales = layer.fixed(canvas)
    np.testing.assert_allclose(scales, layer(canvas), rtol=1e-5)
    assert tape.gradient(scales, [canvas, *layer.trainable_variables]) == (
        [None] * 7
    )


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_scale_depends_on_the_window_around_a_pixel(kernel):
    layer, canvas = _scale(kernel), _canvases(1)
    with tf.GradientTape() as tape:
        tape.watch(canvas)
        value = layer.unbounded(canvas)[0, 6, 5, 0]
    rows, columns = np.nonzero(tape.gradient(value, canvas)[0, ..., 0])
    for found, centre in ((rows, 6), (columns, 5)):
        assert found.min() == centre - kernel // 2
        assert found.max() == centre + kernel // 2


def test_leading_dimensions_equal_a_loop():
    layer, canvas = _scale(), _canvases(2, 3)
    each = [[layer(canvas[i, j]) for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(layer(canvas), each, rtol=1e-5)


def test_scale_learns_the_error_of_pixels_near_ink():
    """Errors are 0.2 at the columns beside a line, and 0.03 elsewhere."""
    layer = canvas_scale.CanvasScale(0.01, 3)
    canvas = np.zeros([1, 12, 12, 1], np.float32)
    canvas[:, :, 6] = 1.0
    error = np.full_like(canvas, 0.03)
    error[:, :, 5:8:2] = 0.2
    weights = layer.trainable_variables
    values = [w.value for w in weights]

    @tf.function(autograph=False)
    def descend():
        with tf.GradientTape() as tape:
            tape.watch(values)
            scale = layer.unbounded(tf.constant(canvas))
            loss = tf.reduce_mean(error / scale + tf.math.log(scale))
        for value, gradient in zip(
            values, tape.gradient(loss, values), strict=True
        ):
            value.assign_sub(0.05 * gradient)
        return scale

    for _ in range(1_500):
        scale = descend()
    # The borders of the canvas differ; they see zeros outside of it.
    inner = np.s_[:, 2:-2, 2:-2]
    np.testing.assert_allclose(scale[inner], error[inner], rtol=0.1)


def test_gradient_is_that_of_relu():
    layer, canvas = _scale(), _canvases(2)

    def gradient():
        variables = [v.value for v in layer.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch([canvas, *variables])
            total = tf.reduce_sum(layer(canvas) ** 2)
        return tape.gradient(total, [canvas, *variables])

    found = gradient()
    layer.convolution.activation = layer.hidden.activation = tf.nn.relu
    for one, other in zip(found, gradient(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_all_units_learn_the_scale_of_blank_canvas(seed):
    random.seed(seed)
    layer = canvas_scale.CanvasScale(_FLOOR, 5)
    kernel = layer.output_layer.kernel.value
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        scale = layer(tf.zeros([1, 12, 12, 1]))
    assert (tape.gradient(scale, kernel).numpy() != 0.0).all()


def test_scale_of_any_sum_of_ink_is_finite():
    scale = _scale()(tf.fill([1, 12, 12, 1], code_model.MOST_INK))
    assert np.isfinite(scale).all()
