import numpy as np
import tensorflow as tf

from tfdood.models.common import layout


def test_mean_of_the_posterior_starts_as_the_whole_image():
    posterior = layout.LayoutPosterior(7, 8)(
        tf.random.stateless_normal([5, 7], [1, 2])
    )
    whole = [0.0, 0.0, 0.25 + 0.75 / (1 + np.exp(-6.0)), 0.0]
    std = 1 / (1 + np.exp(4.0))
    np.testing.assert_allclose(posterior.loc, [whole] * 5, atol=1e-5)
    np.testing.assert_allclose(posterior.scale, [[std] * 4] * 5, rtol=1e-3)
    np.testing.assert_allclose(posterior.shear, [0.0] * 5, atol=1e-6)


def test_means_stay_in_their_ranges_for_large_weights():
    layer = layout.LayoutPosterior(7, 8)
    for number, weight in enumerate(layer.weights):
        weight.assign(tf.random.stateless_normal(weight.shape, [number, 2]))
    layer.mlp.output_layer.kernel.assign_add(
        100 * layer.mlp.output_layer.kernel
    )
    loc = layer(tf.random.stateless_normal([1000, 7], [3, 4])).loc.numpy()
    low, high = [-0.8, -0.8, 0.25, -np.pi / 4], [0.8, 0.8, 1.0, np.pi / 4]
    np.testing.assert_allclose(loc.min(0), low, atol=1e-4)
    np.testing.assert_allclose(loc.max(0), high, atol=1e-4)


def test_prior_starts_near_the_whole_image():
    prior = layout.LayoutPrior(8, 40)(
        tf.random.stateless_normal([2, 8], [1, 2])
    )
    weights = prior.mixture_distribution.probs_parameter().numpy()
    first = 1 / (1 + 39 * np.exp(-8.0))
    np.testing.assert_allclose(weights[:, 0], first, rtol=1e-5)
    samples = prior.sample(2000, seed=[1, 2]).numpy().reshape(-1, 4)
    whole = [0.0, 0.0, 0.25 + 0.75 / (1 + np.exp(-4.0)), 0.0]
    np.testing.assert_allclose(samples.mean(0), whole, atol=5e-3)
    np.testing.assert_allclose(samples.std(0), 0.018, rtol=0.05)
