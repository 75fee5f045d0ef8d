import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import correlated_normal

tfd = tfp.distributions
SEED = (3, 5)


def _parameters(batch, size, dtype=np.float64):
    rng = np.random.default_rng(7)
    loc = rng.normal(size=[*batch, size])
    scale = np.exp(0.5 * rng.normal(size=[*batch, size]))
    shear = rng.uniform(-1.0, 1.0, size=batch)
    return loc.astype(dtype), scale.astype(dtype), shear.astype(dtype)


def _cholesky(scale, shear):
    lower = np.zeros([*scale.shape, scale.shape[-1]])
    np.einsum("...ii->...i", lower)[...] = scale
    lower[..., 1, 0] = shear
    return lower


@pytest.mark.parametrize("size", [2, 4])
def test_density_equals_scipy(size):
    loc, scale, shear = _parameters([3], size)
    x = np.random.default_rng(1).normal(size=[6, 3, size])
    actual = correlated_normal.CorrelatedNormal(loc, scale, shear).log_prob(x)
    lower = _cholesky(scale, shear)
    for b in range(3):
        normal = scipy.stats.multivariate_normal(loc[b], lower[b] @ lower[b].T)
        np.testing.assert_allclose(actual[:, b], normal.logpdf(x[:, b]))


@pytest.mark.parametrize("batch", [[], [3], [2, 3]])
def test_density_equals_the_triangular_normal_of_tfp(batch):
    loc, scale, shear = _parameters(batch, 4)
    x = np.random.default_rng(2).normal(size=[5, *batch, 4])
    ours = correlated_normal.CorrelatedNormal(loc, scale, shear)
    theirs = tfd.MultivariateNormalTriL(loc, _cholesky(scale, shear))
    np.testing.assert_allclose(ours.log_prob(x), theirs.log_prob(x))


def test_gradient_matches_finite_differences():
    loc, scale, shear = _parameters([2], 4)
    x = np.random.default_rng(3).normal(size=[2, 4])

    def log_prob(x, loc, scale, shear):
        normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
        return normal.log_prob(x)

    exact, numeric = tf.test.compute_gradient(
        log_prob, [x, loc, scale, shear], delta=1e-5
    )
    for a, b in zip(exact, numeric, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_samples_have_the_mean_and_covariance():
    loc, scale, shear = _parameters([2], 4, np.float32)
    normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
    samples = normal.sample(200_000, seed=SEED).numpy()
    lower = _cholesky(scale, shear)
    for b in range(2):
        covariance = lower[b] @ lower[b].T
        tolerance = 5.0 * np.max(scale) ** 2 / np.sqrt(200_000)
        np.testing.assert_allclose(
            np.cov(samples[:, b].T), covariance, atol=2.0 * tolerance
        )
        np.testing.assert_allclose(
            samples[:, b].mean(axis=0), loc[b], atol=tolerance
        )


def test_samples_depend_on_the_seed_only():
    normal = correlated_normal.CorrelatedNormal(*_parameters([2], 4))
    first = normal.sample(3, seed=SEED)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(first, normal.sample(3, seed=SEED))
    assert np.all(first != normal.sample(3, seed=(3, 6)))
    assert np.all(first[0] != first[1])


def test_samples_are_loc_plus_cholesky_times_noise():
    loc, scale, shear = _parameters([2], 4)
    noise = np.random.default_rng(4).normal(size=[5, 2, 4])
    normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
    expected = loc + np.einsum("bij,nbj->nbi", _cholesky(scale, shear), noise)
    np.testing.assert_allclose(normal.from_noise(noise), expected)


def test_density_is_the_noise_density_over_the_volume():
    loc, scale, shear = _parameters([2], 4)
    noise = np.random.default_rng(5).normal(size=[5, 2, 4])
    normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
    expected = scipy.stats.norm.logpdf(noise).sum(-1) - np.log(scale).sum(-1)
    actual = normal.log_prob(normal.from_noise(noise))
    np.testing.assert_allclose(actual, expected)


def test_samples_are_differentiable_in_every_parameter():
    loc, scale, shear = map(tf.constant, _parameters([], 4))
    noise = np.array([0.5, -1.0, 2.0, 3.0])
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    with tf.GradientTape() as tape:
        tape.watch([loc, scale, shear])
        normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
        total = tf.reduce_sum(weights * normal.from_noise(noise))
    by_loc, by_scale, by_shear = tape.gradient(total, [loc, scale, shear])
    np.testing.assert_allclose(by_loc, weights)
    np.testing.assert_allclose(by_scale, weights * noise)
    np.testing.assert_allclose(by_shear, weights[1] * noise[0])


def test_sampling_passes_gradients_to_every_parameter():
    parameters = [tf.constant(p) for p in _parameters([2], 4)]
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        normal = correlated_normal.CorrelatedNormal(*parameters)
        total = tf.reduce_sum(normal.sample(seed=SEED) ** 2)
    assert normal.reparameterization_type == tfd.FULLY_REPARAMETERIZED
    for gradient in tape.gradient(total, parameters):
        assert np.all(gradient.numpy() != 0.0)


def test_slices_and_copies_keep_their_parameters():
    loc, scale, shear = _parameters([3, 2], 4)
    x = np.random.default_rng(6).normal(size=[4])
    normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
    whole = normal.log_prob(x)
    np.testing.assert_allclose(normal[1].log_prob(x), whole[1])
    np.testing.assert_allclose(normal[:, 0].log_prob(x), whole[:, 0])
    plain = normal.copy(shear=np.zeros([3, 2]))
    expected = scipy.stats.norm.logpdf(x, loc, scale).sum(-1)
    np.testing.assert_allclose(plain.log_prob(x), expected)


def test_parameters_broadcast_over_the_batch():
    loc, scale, shear = _parameters([3, 2], 4)
    normal = correlated_normal.CorrelatedNormal(loc, scale[0, 0], shear[0])
    assert normal.batch_shape == [3, 2]
    assert normal.event_shape == [4]
    assert normal.sample(5, seed=SEED).shape == [5, 3, 2, 4]
    full = correlated_normal.CorrelatedNormal(
        loc,
        np.broadcast_to(scale[0, 0], loc.shape),
        np.broadcast_to(shear[0], shear.shape),
    )
    x = np.random.default_rng(8).normal(size=[3, 2, 4])
    np.testing.assert_allclose(normal.log_prob(x), full.log_prob(x))


def test_compiled_equals_eager_for_all_batch_sizes():
    spec = tf.TensorSpec([None, 4])

    @tf.function(
        jit_compile=True,
        input_signature=[spec, spec, spec, tf.TensorSpec([None])],
    )
    def compiled(x, loc, scale, shear):
        normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
        return normal.log_prob(x), normal.from_noise(x)

    for num in (1, 3):
        loc, scale, shear = _parameters([num], 4, np.float32)
        x = np.random.default_rng(9).normal(size=[num, 4]).astype(np.float32)
        normal = correlated_normal.CorrelatedNormal(loc, scale, shear)
        log_prob, moved = compiled(x, loc, scale, shear)
        for got, expected in (
            (log_prob, normal.log_prob(x)),
            (moved, normal.from_noise(x)),
        ):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
    assert compiled.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("shape", [[], [1], [3, 1]])
def test_rejects_events_without_a_second_coordinate(shape):
    with pytest.raises(ValueError, match="first two coordinates"):
        correlated_normal.CorrelatedNormal(tf.zeros(shape), tf.ones(shape), 0.0)
