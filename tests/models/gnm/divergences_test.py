import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm import cells, divergences
from tfdood.settings.scenes import SceneObjective

tfd = tfp.distributions

_COUNT = 40_000
_OBJECTIVE = SceneObjective(scale_mean=0.4, scale_std=0.8, ratio_std=0.6)


def _densities(seed):
    rng = np.random.default_rng(seed)

    def normal(size):
        shape = [2, 4, size]
        return tfd.Normal(
            np.float32(0.5 * rng.normal(size=shape)),
            np.float32(rng.uniform(0.6, 1.5, shape)),
        )

    presence = tf.constant(rng.normal(size=[2, 4]), tf.float32)
    return cells.CellDensities(presence, normal(4), normal(1), normal(3))


def _as_distribution(densities, name):
    value = getattr(densities, name)
    return tfd.Bernoulli(value) if name == "presence" else value


def _estimate(q, p, weights=1.0):
    """Estimates sum weights KL(q || p) of each row from samples of q."""
    samples = tf.cast(q.sample(_COUNT, seed=0), tf.float32)
    ratio = q.log_prob(samples) - p.log_prob(samples)
    mean = np.mean(ratio, 0)  # [2, K, ...]
    weights = np.reshape(weights, np.shape(weights) + (1,) * (mean.ndim - 2))
    return (weights * mean).reshape(2, -1).sum(-1)


@pytest.mark.parametrize("name", ["presence", "where", "depth", "what"])
def test_divergences_equal_their_estimates_from_samples(name):
    q, p = _densities(0), _densities(1)
    value = divergences.between(q, p)[name]
    expected = _estimate(_as_distribution(q, name), _as_distribution(p, name))
    np.testing.assert_allclose(value, expected, rtol=0.05, atol=0.05)
    same = divergences.between(q, q)[name]
    np.testing.assert_allclose(same, 0.0, atol=1e-5)


@pytest.mark.parametrize("name", ["where", "depth", "what"])
def test_auxiliary_divergences_are_weighted_by_presence(name):
    q = _densities(0)
    presence = np.float32([[1.0, 0.5, 0.0, 1.0], [0.0, 0.0, 0.25, 1.0]])
    value = divergences.auxiliary(q, tf.constant(presence), 0.1, _OBJECTIVE)
    prior = {
        "where": tfd.Normal([0.4, 0.0, 0.0, 0.0], [0.8, 0.6, 1.0, 1.0]),
        "depth": tfd.Normal(0.0, 1.0),
        "what": tfd.Normal(0.0, 1.0),
    }[name]
    expected = _estimate(getattr(q, name), prior, presence)
    np.testing.assert_allclose(value[name], expected, rtol=0.05, atol=0.05)


def test_the_auxiliary_divergence_of_presence_has_the_rate_of_objects():
    q = _densities(0)
    value = divergences.auxiliary(q, tf.ones([2, 4]), 0.2, _OBJECTIVE)
    prior = tfd.Bernoulli(probs=0.2)
    expected = _estimate(tfd.Bernoulli(q.presence), prior)
    np.testing.assert_allclose(value["presence"], expected, rtol=0.05)


def test_the_presence_has_a_gradient_from_the_auxiliary_divergences():
    presence = tf.constant([[1.0, 0.5, 0.0, 1.0]] * 2)
    with tf.GradientTape() as tape:
        tape.watch(presence)
        values = divergences.auxiliary(_densities(0), presence, 0.1, _OBJECTIVE)
    gradient = tape.gradient(values["what"], presence)
    assert np.all(gradient.numpy()[:, [0, 1, 3]] > 0)


def test_of_normals_equals_its_estimate():
    q, p = (
        tfd.Normal(np.float32([[m, 0.0]] * 2), np.float32([[s, 1.0]] * 2))
        for m, s in ((0.3, 0.7), (-0.2, 1.1))
    )
    np.testing.assert_allclose(
        divergences.of_normals(q, p), _estimate(q, p), rtol=0.05
    )
