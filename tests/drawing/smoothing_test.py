import numpy as np
import scipy.ndimage
import tensorflow as tf

from tfdood.drawing import smoothing


def _images(*shape):
    return np.random.default_rng(0).uniform(size=shape).astype(np.float32)


def test_zero_std_changes_nothing():
    images = _images(2, 3, 12, 12, 1)
    np.testing.assert_allclose(smoothing.smooth(images, 0.0), images, atol=1e-6)


def test_smoothing_equals_scipy_away_from_the_border():
    images = _images(2, 3, 40, 40, 1)
    smoothed = smoothing.smooth(images, 1.5)
    expected = scipy.ndimage.gaussian_filter(
        images, [0, 0, 1.5, 1.5, 0], truncate=6.0
    )
    inner = np.s_[..., 9:-9, 9:-9, :]
    np.testing.assert_allclose(smoothed[inner], expected[inner], atol=1e-5)


def test_constant_images_do_not_change():
    images = np.full([1, 10, 10, 1], 0.3, np.float32)
    np.testing.assert_allclose(smoothing.smooth(images, 4.0), images, atol=1e-6)


def test_gradient_reaches_near_pixels():
    image = tf.Variable(tf.zeros([20, 20, 1]))
    with tf.GradientTape() as tape:
        loss = smoothing.smooth(image, 2.0)[10, 10, 0]
    gradient = tape.gradient(loss, image).numpy()[..., 0]
    assert gradient[10, 13] > 0.1 * gradient[10, 10] > 0


def test_smoothing_equals_its_formula_at_the_border():
    image = _images(7, 7, 1)
    index = np.arange(7)
    kernel = np.exp(-((index[:, np.newaxis] - index) ** 2) / (2.0 * 1.5**2))
    kernel /= kernel.sum(-1, keepdims=True)
    expected = kernel @ image[..., 0] @ kernel.T
    smoothed = smoothing.smooth(image, 1.5)[..., 0]
    np.testing.assert_allclose(smoothed, expected, rtol=1e-5)


def test_std_may_be_a_tensor_in_a_graph():
    images = _images(2, 9, 9, 1)
    traced = tf.function(smoothing.smooth)
    for std in (0.0, 0.7, 3.0):
        np.testing.assert_allclose(
            traced(images, tf.constant(std)),
            smoothing.smooth(images, std),
            atol=1e-6,
        )
