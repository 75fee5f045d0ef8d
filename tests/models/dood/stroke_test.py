import numpy as np
import scipy.special
import tensorflow as tf

from tfdood.models.dood import stroke


def test_prior_starts_at_the_middle_of_the_frame():
    prior = stroke.StrokePrior(6, 8, 5, 40)(
        tf.random.stateless_normal([2, 6], [1, 2])
    )
    assert prior.batch_shape == [2]
    assert prior.event_shape == [5, 2]
    samples = prior.sample(2000, seed=[1, 2]).numpy().reshape(-1, 10)
    np.testing.assert_allclose(samples.mean(0), 0.5, atol=0.02)
    np.testing.assert_allclose(samples.std(0), 0.2, rtol=0.05)


def test_points_of_the_prior_are_independent_mixtures():
    layer = stroke.StrokePrior(6, 8, 3, 4)
    weights = layer.mlp.output_layer.weights[1]
    weights.assign(tf.random.stateless_normal(weights.shape, [1, 2]))
    prior = layer(tf.zeros([1, 6]))
    points = tf.random.stateless_normal([1, 3, 2], [3, 4])
    # Moving one point changes the density by a factor of that point alone.
    moved = tf.tensor_scatter_nd_update(points, [[0, 1]], [[0.3, 0.4]])
    other = tf.concat([points[:, :2], tf.ones([1, 1, 2])], 1)
    other_moved = tf.concat([moved[:, :2], tf.ones([1, 1, 2])], 1)
    np.testing.assert_allclose(
        prior.log_prob(moved) - prior.log_prob(points),
        prior.log_prob(other_moved) - prior.log_prob(other),
        rtol=1e-4,
    )


def test_means_stay_near_the_unit_square_for_large_weights():
    layer = stroke.StrokePosterior(7, 8, 5)
    for number, weight in enumerate(layer.weights):
        weight.assign(tf.random.stateless_normal(weight.shape, [number, 2]))
    layer.mlp.output_layer.kernel.assign_add(
        100 * layer.mlp.output_layer.kernel
    )
    loc = layer(tf.random.stateless_normal([500, 7], [3, 4])).loc.numpy()
    assert loc.shape == (500, 5, 2)
    np.testing.assert_allclose([loc.min(), loc.max()], [-0.2, 1.2], atol=1e-4)


def test_bias_is_added_to_the_logits_of_the_standard_deviations():
    wide, narrow = (stroke.StrokePosterior(7, 8, 5, b) for b in (0.0, -2.0))
    narrow.set_weights(wide.get_weights())
    features = tf.random.stateless_normal([3, 7], [1, 2])
    logits = [scipy.special.logit(q(features).scale) for q in (wide, narrow)]
    np.testing.assert_allclose(logits[1], logits[0] - 2.0, rtol=1e-3)
