import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.objectives import importance

# z ~ N(0, 1), x | z ~ N(z, 0.5^2): x ~ N(0, 1.25), z | x ~ N(0.8 x, 0.2).
X = 1.3
LOG_EVIDENCE = scipy.stats.norm.logpdf(X, 0.0, np.sqrt(1.25))
EXACT = (0.8 * X, np.sqrt(0.2))
ROUGH = (0.5, 0.7)


def _log_weights(posterior, num_particles, num_repeats=4000):
    noise = np.random.default_rng(num_particles).normal(
        size=[num_particles, num_repeats]
    )
    z = posterior[0] + posterior[1] * noise
    return tf.constant(
        scipy.stats.norm.logpdf(z)
        + scipy.stats.norm.logpdf(X, z, 0.5)
        - scipy.stats.norm.logpdf(z, *posterior)
    )


def test_bound_increases_with_particles_towards_the_evidence():
    bounds = [
        float(tf.reduce_mean(importance.iwae(_log_weights(ROUGH, num))))
        for num in (1, 10, 100)
    ]
    assert bounds[0] < bounds[1] < bounds[2] < LOG_EVIDENCE + 0.005
    np.testing.assert_allclose(bounds[2], LOG_EVIDENCE, atol=0.01)


def test_bound_of_one_particle_is_the_elbo():
    bounds = importance.iwae(_log_weights(ROUGH, 1, 100_000))
    m, s = (ROUGH[0] - EXACT[0]) / EXACT[1], ROUGH[1] / EXACT[1]
    divergence = 0.5 * (m**2 + s**2 - 1.0) - np.log(s)
    error = np.std(bounds) / np.sqrt(100_000)
    expected = LOG_EVIDENCE - divergence
    np.testing.assert_allclose(np.mean(bounds), expected, atol=5.0 * error)


@pytest.mark.parametrize("num_particles", [1, 7, 50])
def test_bound_at_the_exact_posterior_is_the_evidence(num_particles):
    log_weights = _log_weights(EXACT, num_particles, 3)
    bounds = importance.iwae(log_weights)
    np.testing.assert_allclose(bounds, np.full(3, LOG_EVIDENCE))
    np.testing.assert_allclose(
        importance.effective_sample_size(log_weights), [num_particles] * 3
    )


def test_bound_is_the_log_of_the_mean_weight():
    weights = np.random.default_rng(0).uniform(size=[6, 2, 3])
    expected = np.log(weights.mean(axis=0))
    actual = importance.iwae(tf.math.log(tf.constant(weights)))
    np.testing.assert_allclose(actual, expected)


def test_bound_shifts_by_a_constant_added_to_large_log_weights():
    log_weights = _log_weights(ROUGH, 10, 5)
    for shift in (-9000.0, 9000.0):
        np.testing.assert_allclose(
            importance.iwae(log_weights + shift),
            importance.iwae(log_weights) + shift,
        )
        np.testing.assert_allclose(
            importance.effective_sample_size(log_weights + shift),
            importance.effective_sample_size(log_weights),
            rtol=1e-6,
        )


@pytest.mark.parametrize(
    ("weights", "expected"),
    [([2.0] * 5, 5.0), ([1.0, 1e-9, 1e-9], 1.0), ([1.0, 2.0], 9.0 / 5.0)],
)
def test_effective_sample_size_equals_its_closed_form(weights, expected):
    log_weights = tf.math.log(tf.constant(weights, tf.float64))
    actual = importance.effective_sample_size(log_weights)
    np.testing.assert_allclose(actual, expected, rtol=1e-6)
