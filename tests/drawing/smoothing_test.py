import numpy as np
import scipy.ndimage
import tensorflow as tf

from tfdood.drawing import smoothing


def _images(*shape):
    return np.random.default_rng(0).uniform(size=shape).astype(np.float32)


def test_no_smoothing_changes_nothing():
    images = _images(2, 3, 12, 12, 1)
    np.testing.assert_allclose(smoothing.smooth(images, 0.0), images, atol=1e-6)


def test_smoothing_is_scipys_away_from_the_border():
    images = _images(2, 3, 40, 40, 1)
    smoothed = smoothing.smooth(images, 1.5)
    expected = scipy.ndimage.gaussian_filter(
        images, [0, 0, 1.5, 1.5, 0], truncate=6.0
    )
    inner = np.s_[..., 9:-9, 9:-9, :]
    np.testing.assert_allclose(smoothed[inner], expected[inner], atol=1e-5)


def test_even_images_stay_as_they_are():
    images = np.full([1, 10, 10, 1], 0.3, np.float32)
    np.testing.assert_allclose(smoothing.smooth(images, 4.0), images, atol=1e-6)


def test_gradient_reaches_pixels_nearby():
    image = tf.Variable(tf.zeros([20, 20, 1]))
    with tf.GradientTape() as tape:
        loss = smoothing.smooth(image, 2.0)[10, 10, 0]
    gradient = tape.gradient(loss, image).numpy()[..., 0]
    assert gradient[10, 13] > 0.1 * gradient[10, 10] > 0
