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


@pytest.mark.parametrize("log_weight", [0.0, 7_123.456, -101_900.4])
def test_all_particles_count_if_large_log_weights_are_equal(log_weight):
    actual = importance.effective_sample_size(tf.fill([200], log_weight))
    np.testing.assert_allclose(actual, 200.0, rtol=1e-5)


def _log_normal(x, mean, std):
    return scipy.stats.norm.logpdf(x, mean, std)


def test_weights_of_a_mixture_equal_their_formula():
    rng = np.random.default_rng(0)
    log_joint, log_proposals = (
        rng.normal(size=[5, 3]),
        rng.normal(size=[2, 5, 3]),
    )
    found = importance.mixture_log_weights(log_joint, log_proposals, (2, 3))
    mixture = 0.4 * np.exp(log_proposals[0]) + 0.6 * np.exp(log_proposals[1])
    np.testing.assert_allclose(np.exp(found), np.exp(log_joint) / mixture)


def test_one_proposal_gives_the_usual_weights():
    rng = np.random.default_rng(0)
    log_joint, log_q = rng.normal(size=[2, 5])
    found = importance.mixture_log_weights(log_joint, log_q[None], (5,))
    np.testing.assert_allclose(found, log_joint - log_q)


def test_mean_weight_of_a_mixture_is_exactly_the_evidence():
    """By enumeration: z has 6 values, which the proposals sample."""
    rng = np.random.default_rng(1)
    joint = rng.random(6)
    proposals = rng.dirichlet(np.ones(6), 2)
    proposals[1, :3] = 0.0  # The second one misses half of them.
    proposals[1] /= proposals[1].sum()
    with np.errstate(divide="ignore"):
        log_proposals = np.log(proposals)
    counts = 3, 1
    weights = np.exp(
        importance.mixture_log_weights(np.log(joint), log_proposals, counts)
    )
    # Each proposal's particles, with the probability of each value.
    expected = sum(
        count / 4 * (q * weights).sum()
        for count, q in zip(counts, proposals, strict=True)
    )
    assert expected == pytest.approx(joint.sum(), rel=1e-9)


def test_the_bound_of_a_mixture_is_below_the_evidence_of_a_gaussian_model():
    """z ~ N(0, 1), x ~ N(z, 0.5^2): the evidence is known."""
    x, rng = 1.3, np.random.default_rng(2)
    moments = (0.0, 1.0), (0.8, 0.1)  # The second proposal is too narrow.
    counts, trials = (2, 2), 20_000
    z = np.concatenate(
        [
            rng.normal(*moment, [count, trials])
            for moment, count in zip(moments, counts, strict=True)
        ]
    )
    log_weights = importance.mixture_log_weights(
        _log_normal(z, 0.0, 1.0) + _log_normal(x, z, 0.5),
        np.stack([_log_normal(z, *moment) for moment in moments]),
        counts,
    )
    log_evidence = _log_normal(x, 0.0, np.sqrt(1.25))
    means = np.exp(log_weights).mean(0)
    error = means.std() / np.sqrt(trials)
    assert means.mean() == pytest.approx(np.exp(log_evidence), abs=4 * error)
    bound = np.mean(importance.iwae(log_weights))
    assert log_evidence - 0.5 < bound < log_evidence - 0.01
