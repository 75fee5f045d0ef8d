import numpy as np
import tensorflow as tf

from tfdood.objectives import elbo


def _parse(make_parse):
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 4, size=[5, 2, 1])
    chains = (np.arange(3) < counts).astype(np.float64)  # [P=5, B=2, T=3]
    return make_parse(chains, tf.constant(rng.normal(size=chains.shape)))


def test_log_weights_are_the_sum_of_all_terms(make_parse):
    parse = _parse(make_parse)
    expected = np.array(parse.log_likelihood)
    for p in range(5):
        for b in range(2):
            for t in range(3):
                for prior, posterior in zip(
                    parse.log_prior, parse.log_posterior, strict=True
                ):
                    expected[p, b] += prior[p, b, t] - posterior[p, b, t]
    actual = elbo.log_weights(parse)
    assert actual.shape == [5, 2]
    np.testing.assert_allclose(actual, expected)


def test_elbo_is_the_mean_over_particles(make_parse):
    parse = _parse(make_parse)
    expected = np.mean(elbo.log_weights(parse), axis=0)
    np.testing.assert_allclose(elbo.elbo(parse), expected)


def test_expected_elbo_is_log_evidence_at_the_exact_posterior(make_parse):
    chains = np.tril(np.ones([4, 3]), -1)[:, np.newaxis]  # [P=4, B=1, T=3]
    prior_only = make_parse(chains, tf.zeros(3, tf.float64))
    silent = tf.nest.map_structure(tf.zeros_like, prior_only.log_posterior)
    log_joint = elbo.log_weights(prior_only._replace(log_posterior=silent))
    log_evidence = tf.reduce_logsumexp(log_joint, axis=0)

    # The exact posterior's odds of going on, by summing over chains.
    mass = np.exp(log_joint.numpy()[:, 0])
    odds = [mass[t + 1 :].sum() / mass[t] for t in range(3)]
    exact = make_parse(chains, tf.math.log(tf.constant(odds)))
    nothing = silent.layout
    log_posterior = exact.log_posterior._replace(layout=nothing, stroke=nothing)
    weights = elbo.log_weights(exact._replace(log_posterior=log_posterior))
    np.testing.assert_allclose(
        weights, np.broadcast_to(log_evidence, weights.shape)
    )
