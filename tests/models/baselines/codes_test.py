import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tfdood.models.baselines import codes

_FEATURES = 30.0 * tf.random.stateless_normal([2, 5, 7], [1, 2])


@pytest.mark.parametrize("is_bounded", [True, False])
def test_the_posterior_is_a_gaussian_in_range(is_bounded):
    posterior = codes.Posterior(7, 8, 3, has_bounded_means=is_bounded)
    for weight in posterior.trainable_variables:
        weight.assign_add(tf.random.stateless_normal(weight.shape, [3, 4]))
    given = posterior(_FEATURES)
    assert given.loc.shape == given.scale.shape == (2, 5, 3, 2)
    assert np.min(given.scale) > 0.0
    assert (np.abs(given.loc).max() <= 1.0) == is_bounded
    x = tf.random.stateless_normal([2, 5, 3, 2], [5, 6])
    expected = scipy.stats.norm.logpdf(x, given.loc, given.scale).sum(-1)
    np.testing.assert_allclose(given.log_prob(x), expected, rtol=1e-3)


def test_the_bias_makes_posteriors_narrow():
    wide, narrow = codes.Posterior(7, 8, 3), codes.Posterior(7, 8, 3, -2.0)
    narrow.set_weights(wide.get_weights())
    logits = scipy.special.logit(-np.expm1(-wide(_FEATURES).scale))
    expected = np.logaddexp(0.0, logits - 2.0)  # softplus
    np.testing.assert_allclose(
        narrow(_FEATURES).scale, expected, rtol=1e-3, atol=2e-6
    )


def test_the_prior_is_standard_normal():
    x = np.random.default_rng(0).normal(size=[4, 3, 5, 2]).astype(np.float32)
    expected = scipy.stats.norm.logpdf(x).sum((-1, -2))
    np.testing.assert_allclose(codes.log_prior(x), expected, rtol=1e-5)


def test_without_a_pen_all_is_one():
    pen = codes.no_pen(tf.zeros([4, 3, 6]))
    assert pen.blur.shape == pen.stroke_contrast.shape == (4, 3, 6)
    assert pen.canvas_contrast.shape == (4, 3)
    for values in pen:
        np.testing.assert_array_equal(values, 1.0)
