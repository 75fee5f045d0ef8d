import numpy as np
import scipy.stats
import tensorflow as tf

from tfdood.distributions import mixture
from tfdood.models.dood import prior

_MEAN, _STD = [0.0, 0.0, 0.8, 0.0], [0.2, 0.2, 0.2, 0.4]


def test_independent_prior_has_the_published_densities(tiny):
    fixed = prior.IndependentPrior(tiny)
    rng = np.random.default_rng(0)
    state = tf.zeros([2, 3, tiny.width])
    layouts = rng.normal(size=[2, 3, 4]).astype(np.float32)
    np.testing.assert_allclose(
        fixed.layout(state).log_prob(layouts),
        scipy.stats.norm.logpdf(layouts, _MEAN, _STD).sum(-1),
        rtol=1e-5,
    )
    points = rng.normal(size=[6, 5, 2]).astype(np.float32)
    density = fixed.control_points(layouts.reshape(6, 4), None, None)
    np.testing.assert_allclose(
        density.log_prob(points),
        scipy.stats.norm.logpdf(points, 0.5, 0.2).sum((1, 2)),
        rtol=1e-5,
    )
    chance = tf.sigmoid(fixed.presence_logits(None, state))
    np.testing.assert_allclose(chance, np.full([2, 3], 0.5), rtol=1e-5)


def test_independent_prior_turns_noise_into_samples(tiny):
    fixed = prior.IndependentPrior(tiny)
    uniform = tf.constant([0.0, 0.5, 0.999])
    noise = tf.random.stateless_normal([3, 4], [1, 2])
    layouts = mixture.from_noise(
        fixed.layout(tf.zeros([3, tiny.width])), uniform, noise
    )
    np.testing.assert_allclose(
        layouts, _MEAN + _STD * noise, rtol=1e-5, atol=1e-6
    )
    noise = tf.random.stateless_normal([3, 5, 2], [3, 4])
    density = fixed.control_points(layouts, None, None).distribution
    points = mixture.from_noise(density, tf.zeros([3, 5]), noise)
    np.testing.assert_allclose(points, 0.5 + 0.2 * noise, rtol=1e-5, atol=1e-6)
