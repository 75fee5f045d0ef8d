import numpy as np
import tensorflow as tf

from tfdood.models.gnm import gaussians


def test_the_second_half_are_logits_of_standard_deviations():
    density = gaussians.normal(tf.constant([[1.0, -2.0, 0.0, -1000.0]]), 0.25)
    np.testing.assert_allclose(density.loc, [[1.0, -2.0]])
    np.testing.assert_allclose(density.scale, [[0.25 + np.log(2), 0.25]])


def test_joined_densities_have_the_sum_of_the_log_densities():
    rng = np.random.default_rng(0)
    parts = [
        gaussians.normal(tf.constant(rng.normal(size=(3, 2 * n))), 0.1)
        for n in (2, 5)
    ]
    values = [tf.constant(rng.normal(size=(3, n))) for n in (2, 5)]
    joined = gaussians.joined(parts).log_prob(tf.concat(values, -1))
    expected = sum(
        np.sum(part.log_prob(value), -1)
        for part, value in zip(parts, values, strict=True)
    )
    np.testing.assert_allclose(np.sum(joined, -1), expected)


def test_a_sample_is_the_mean_and_the_noise_times_the_deviation():
    density = gaussians.normal(tf.constant([[1.0, 0.0]]), 0.25)
    sample = gaussians.sample(density, tf.constant([[-2.0]]))
    np.testing.assert_allclose(sample, [[1.0 - 2 * (0.25 + np.log(2))]])


def test_log_ratio_is_the_difference_of_the_log_densities():
    p = gaussians.tfd.Normal([[0.0, 1.0]], [[1.0, 2.0]])
    q = gaussians.tfd.Normal([[0.5, 1.0]], [[1.0, 1.0]])
    value = np.array([[2.0, 3.0]])
    expected = -0.5 * (2.0**2 - 1.5**2) - 0.5 * (1.0 - 4.0) - np.log(2)
    ratio = gaussians.log_ratio(p, q, tf.constant(value, tf.float32))
    np.testing.assert_allclose(ratio, [expected], rtol=1e-5)
