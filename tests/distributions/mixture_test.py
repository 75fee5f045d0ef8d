import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tfdood.distributions import mixture

SEED = (3, 5)


def _parameters(shape, size, dtype=np.float64):
    """Logits [*shape], loc and scale [*shape, size], shear [*shape]."""
    rng = np.random.default_rng(7)
    logits = rng.normal(size=shape)
    loc = rng.normal(size=[*shape, size])
    scale = 0.3 + rng.uniform(size=[*shape, size])
    shear = rng.uniform(-1.0, 1.0, size=shape)
    return [a.astype(dtype) for a in (logits, loc, scale, shear)]


def _covariance(scale, shear):
    lower = np.diag(scale)
    lower[1, 0] = shear
    return lower @ lower.T


def _log_density(x, logits, loc, scale, shear):
    components = [
        scipy.stats.multivariate_normal(m, _covariance(s, c)).logpdf(x)
        for m, s, c in zip(loc, scale, shear, strict=True)
    ]
    log_weights = scipy.special.log_softmax(logits)
    return scipy.special.logsumexp(np.stack(components, -1) + log_weights, -1)


def test_layout_density_is_the_log_sum_over_components():
    parameters = _parameters([3, 5], 4)
    x = np.random.default_rng(1).normal(size=[3, 4])
    actual = mixture.gaussian_mixture(*parameters).log_prob(x)
    expected = [_log_density(x[b], *(p[b] for p in parameters)) for b in (0, 1)]
    assert actual.shape == [3]
    np.testing.assert_allclose(actual[:2], expected)


def test_control_point_density_is_a_product_of_mixtures():
    parameters = _parameters([3, 6, 5], 2)
    x = np.random.default_rng(2).normal(size=[3, 6, 2])
    prior = mixture.control_point_mixture(*parameters)
    assert prior.batch_shape == [3]
    assert prior.event_shape == [6, 2]
    expected = [
        sum(
            _log_density(x[b, k], *(p[b, k] for p in parameters))
            for k in range(6)
        )
        for b in range(3)
    ]
    np.testing.assert_allclose(prior.log_prob(x), expected)


def test_gradient_matches_finite_differences():
    parameters = _parameters([2, 3], 4)
    x = np.random.default_rng(3).normal(size=[2, 4])

    def log_prob(x, *parameters):
        return mixture.gaussian_mixture(*parameters).log_prob(x)

    exact, numeric = tf.test.compute_gradient(
        log_prob, [x, *parameters], delta=1e-5
    )
    for a, b in zip(exact, numeric, strict=True):
        assert np.any(a != 0.0)
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_density_integrates_to_one_and_fits_the_samples():
    parameters = _parameters([4], 2, np.float32)
    prior = mixture.gaussian_mixture(*parameters)
    axis = np.linspace(-8.0, 8.0, 321, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    mass = np.exp(prior.log_prob(grid)) * (axis[1] - axis[0]) ** 2
    np.testing.assert_allclose(mass.sum(), 1.0, rtol=1e-4)

    samples = prior.sample(100_000, seed=SEED).numpy()
    for half_plane in (
        lambda p: p[..., 0] > 0.02,
        lambda p: p[..., 1] > 0.02,
        lambda p: p[..., 0] + p[..., 1] > 0.02,
        lambda p: p[..., 0] - p[..., 1] > 0.02,
    ):
        expected = mass[half_plane(grid)].sum()
        # The grid has an error of half a cell, 0.025, times a density of up to
        # 0.4; samples have an error of about 0.002.
        actual = half_plane(samples).mean()
        np.testing.assert_allclose(actual, expected, atol=0.02)


def test_samples_have_the_moments_of_the_mixture():
    logits, loc, scale, shear = _parameters([5], 4, np.float32)
    weights = scipy.special.softmax(logits)
    mean = weights @ loc
    covariance = sum(
        w * (_covariance(s, c) + np.outer(m - mean, m - mean))
        for w, m, s, c in zip(weights, loc, scale, shear, strict=True)
    )
    prior = mixture.gaussian_mixture(logits, loc, scale, shear)
    samples = prior.sample(200_000, seed=SEED).numpy()
    np.testing.assert_allclose(samples.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(samples.T), covariance, atol=0.05)


def test_uniform_noise_selects_components_by_weight():
    logits, loc, scale, shear = _parameters([5], 4, np.float32)
    uniform = (np.arange(2000, dtype=np.float32) + 0.5) / 2000
    tiled = mixture.gaussian_mixture(
        *(np.repeat(p[None], 2000, 0) for p in (logits, loc, scale, shear))
    )
    means = mixture.from_noise(tiled, uniform, np.zeros([2000, 4], np.float32))
    chosen = np.argmin(np.abs(means.numpy()[:, :1] - loc[:, 0]), -1)
    share = np.bincount(chosen, minlength=5) / 2000
    np.testing.assert_allclose(share, scipy.special.softmax(logits), atol=1e-3)
    noise = np.random.default_rng(6).normal(size=[2000, 4]).astype(np.float32)
    samples = mixture.from_noise(tiled, uniform, noise)
    lower = np.apply_along_axis(np.diag, -1, scale)
    lower[:, 1, 0] = shear
    expected = loc[chosen] + np.einsum("nij,nj->ni", lower[chosen], noise)
    np.testing.assert_allclose(samples, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [2, 4])
def test_compiled_equals_eager(size):
    parameters = _parameters([3, 5, 6], size, np.float32)
    x = np.random.default_rng(5).normal(size=[3, 5, size]).astype(np.float32)

    def log_prob(x, *parameters):
        return mixture.control_point_mixture(*parameters).log_prob(x)

    compiled = tf.function(log_prob, jit_compile=True)
    np.testing.assert_allclose(
        compiled(x, *parameters), log_prob(x, *parameters), rtol=1e-5
    )
