import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from tfdood.distributions import correlated_normal, heads


def _logits(*shape, seed=0):
    return np.random.default_rng(seed).normal(0.0, 2.0, shape)


def test_bounded_reaches_low_and_high():
    values = heads.bounded(tf.constant([-50.0, 0.0, 50.0]), -2.0, 4.0)
    np.testing.assert_allclose(values, [-2.0, 1.0, 4.0], atol=1e-5)


def test_bounded_equals_its_formula():
    logits = _logits(3, 4)
    low, high = np.array([-1.0, 0.0, 2.0, -3.0]), np.array([0.0, 5.0, 2.5, 3.0])
    expected = low + (high - low) * scipy.special.expit(logits)
    values = heads.bounded(tf.constant(logits), low, high)
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_gradient_of_bounded_is_that_of_the_logistic_function():
    logits = tf.constant(_logits(5))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        values = heads.bounded(logits, -1.0, 3.0)
    share = (values.numpy() + 1.0) / 4.0
    expected = 4.0 * share * (1.0 - share)
    np.testing.assert_allclose(tape.gradient(values, logits), expected)


def test_unbounded_inverts_bounded():
    logits = tf.constant(_logits(50))
    low, high = tf.constant(-1.0, tf.float64), tf.constant(3.0, tf.float64)
    found = heads.unbounded(heads.bounded(logits, low, high), low, high)
    np.testing.assert_allclose(found, logits, rtol=1e-6)


def test_unbounded_is_finite_at_and_beyond_the_ends():
    found = heads.unbounded(tf.constant([-9.0, -1.0, 3.0, 9.0]), -1.0, 3.0)
    size = np.log(1e4 - 1.0)
    np.testing.assert_allclose(found, [-size, -size, size, size], rtol=1e-3)


def _parameters(loc, scale, shear):
    return heads.gaussian_parameters(loc, scale, shear, -1.0, 2.0)


def test_gaussian_parameters_equal_their_formulas():
    logits = _logits(3, 4), _logits(3, 4, seed=1), _logits(3, seed=2)
    loc, scale, shear = _parameters(*map(tf.constant, logits))
    a, b, c = map(scipy.special.expit, logits)
    np.testing.assert_allclose(loc, 3.0 * a - 1.0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(scale, 1e-6 + (1.0 - 1e-6) * b, rtol=1e-9)
    np.testing.assert_allclose(shear, 2.0 * c - 1.0, rtol=1e-9, atol=1e-12)


def test_low_and_high_of_the_means_broadcast():
    loc = tf.constant(_logits(3, 4))
    low, high = np.array([-1.0, -1.0, 0.3, -0.5]), np.array([1.0, 1, 2.0, 0.5])
    actual, _, _ = heads.gaussian_parameters(loc, loc, loc[:, 0], low, high)
    for i in range(4):
        expected = heads.bounded(loc[:, i], low[i], high[i])
        np.testing.assert_allclose(actual[:, i], expected, rtol=1e-12)


def test_gradients_match_finite_differences():
    inputs = [tf.constant(_logits(2, 3, seed=i)) for i in range(2)]
    inputs.append(tf.constant(_logits(2, seed=2)))
    weights = np.random.default_rng(3).normal(size=(2, 7))

    def total(loc, scale, shear):
        loc, scale, shear = _parameters(loc, scale, shear)
        values = tf.concat([loc, scale, shear[:, tf.newaxis]], -1)
        return tf.reduce_sum(weights * values)

    exact, numerical = tf.test.compute_gradient(total, inputs, 1e-6)
    for a, b in zip(exact, numerical, strict=True):
        assert np.abs(b).max() > 0.01
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("logit", [-200.0, 200.0])
def test_extreme_logits_give_a_finite_density(logit):
    # float32, as in the models; the scale stays above zero.
    inputs = tf.fill([4], logit), tf.fill([4], logit), tf.constant(logit)
    loc, scale, shear = _parameters(*inputs)
    assert np.all(scale.numpy() >= 1e-6)
    normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
    assert np.isfinite(normal.log_prob(loc))
    expected = -np.log(scale).sum() - 2.0 * np.log(2.0 * np.pi)
    np.testing.assert_allclose(normal.log_prob(loc), expected, rtol=1e-5)
