import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.distributions import pixels

ORACLES = {"laplace": scipy.stats.laplace, "normal": scipy.stats.norm}


@pytest.mark.parametrize("kind", sorted(ORACLES))
@pytest.mark.parametrize("scale_shape", [[4, 5, 1], [1, 1, 1]])
def test_density_equals_scipy(kind, scale_shape):
    rng = np.random.default_rng(0)
    images = rng.uniform(size=[3, 4, 5, 1])
    canvas = rng.uniform(size=[2, 3, 4, 5, 1])
    scale = rng.uniform(0.01, 1.0, size=scale_shape)
    actual = pixels.log_prob(images, canvas, scale, kind)
    expected = ORACLES[kind].logpdf(images, canvas, scale).sum((-3, -2, -1))
    assert actual.shape == [2, 3]
    np.testing.assert_allclose(actual, expected)


def test_default_kind_is_laplace():
    images, canvas = tf.zeros([4, 5, 1]), 0.3 * tf.ones([4, 5, 1])
    actual = pixels.log_prob(images, canvas, tf.fill([1, 1, 1], 0.1))
    expected = 20.0 * scipy.stats.laplace.logpdf(0.0, 0.3, 0.1)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "fitted"),
    [
        ("laplace", lambda e: np.mean(np.abs(e), axis=0)),
        ("normal", lambda e: np.sqrt(np.mean(e**2, axis=0))),
    ],
)
def test_gradient_is_zero_at_the_fitted_scale(kind, fitted):
    rng = np.random.default_rng(1)
    images, canvas = rng.uniform(size=[2, 6, 4, 5, 1])
    scale = tf.constant(fitted(images - canvas))
    with tf.GradientTape() as tape:
        tape.watch(scale)
        total = tf.reduce_sum(pixels.log_prob(images, canvas, scale, kind))
    np.testing.assert_allclose(tape.gradient(total, scale), 0.0, atol=1e-9)


@pytest.mark.parametrize("kind", sorted(ORACLES))
def test_gradient_matches_finite_differences(kind):
    rng = np.random.default_rng(2)
    images, canvas = rng.uniform(size=[2, 3, 2, 2, 1])
    scale = rng.uniform(0.1, 1.0, size=[2, 2, 1])
    exact, numeric = tf.test.compute_gradient(
        lambda canvas, scale: pixels.log_prob(images, canvas, scale, kind),
        [canvas, scale],
        delta=1e-5,
    )
    for a, b in zip(exact, numeric, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_unknown_kind_raises():
    image = tf.zeros([2, 2, 1])
    with pytest.raises(ValueError, match="'cauchy'; choose from"):
        pixels.log_prob(image, image, tf.ones([1, 1, 1]), "cauchy")


@pytest.mark.parametrize("kind", ["laplace", "normal"])
def test_scale_of_the_errors_has_the_highest_likelihood(kind):
    images = np.random.default_rng(0).normal(size=[50, 1, 1, 1]) ** 3
    images = images.astype(np.float32)
    best = pixels.scale(tf.reduce_mean(pixels.error(images, kind), 0), kind)
    total = [
        np.sum(pixels.log_prob(images, 0.0 * images, factor * best, kind))
        for factor in (0.9, 1.0, 1.1)
    ]
    assert np.argmax(total) == 1
