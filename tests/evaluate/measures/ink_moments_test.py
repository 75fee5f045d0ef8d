import numpy as np
import tensorflow as tf

from tfdood.evaluate.measures import ink_moments


def test_moments_equal_those_of_weighted_pixels():
    ink = np.random.default_rng(0).uniform(size=[3, 8, 8, 1])
    ink = ink.astype(np.float32)
    mean, std = ink_moments.of(tf.constant(ink))
    centres = (2.0 * np.arange(8) + 1.0) / 8.0 - 1.0
    x, y = np.meshgrid(centres, centres)
    for image, m, s in zip(ink[..., 0], mean, std, strict=True):
        for axis, place in enumerate((x, y)):
            expected = np.average(place, weights=image)
            spread = np.average((place - expected) ** 2, weights=image) ** 0.5
            np.testing.assert_allclose(m[axis], expected, atol=1e-4)
            np.testing.assert_allclose(s[axis], spread, atol=1e-4)


def test_blank_images_have_finite_moments():
    mean, std = ink_moments.of(tf.zeros([1, 8, 8, 1]))
    np.testing.assert_allclose(mean, 0.0, atol=1e-6)
    assert np.all(np.isfinite(std))


def test_reach_is_a_share_that_stays_below_the_limit():
    shares = ink_moments.reach(tf.constant([0.1, -0.5, 3.0, -3.0]), 0.5)
    np.testing.assert_allclose(shares, [0.2, -0.9, 0.9, -0.9], rtol=1e-6)
