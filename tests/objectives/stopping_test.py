import numpy as np
import pytest
import tensorflow as tf

from tfdood.objectives import elbo, stopping

LOGITS = np.array([0.7, -0.4, 1.1])
CHAINS = np.tril(np.ones([4, 3]), -1)[:, np.newaxis]  # row n has n strokes


@pytest.fixture(name="all_drawn")
def _all_drawn(make_parse):
    """A function from logits to a parse with every stroke drawn."""
    return lambda logits: make_parse(np.ones([1, 1, 3]), logits)


@pytest.fixture(name="likelihoods")
def _likelihoods(make_parse):
    parse = make_parse(CHAINS, tf.constant(LOGITS))
    return tf.reshape(parse.log_likelihood, [1, 1, 4])


def test_negative_elbo_is_the_sum_over_all_numbers_of_strokes(
    make_parse, all_drawn, likelihoods
):
    logits = tf.constant(LOGITS)
    chains = make_parse(CHAINS, logits)
    q = tf.exp(tf.reduce_sum(chains.log_posterior.presence, -1))
    expected = -tf.reduce_sum(q * elbo.log_weights(chains))
    parse = all_drawn(logits)
    loss = stopping.losses(parse, likelihoods, likelihoods, beta=1.0)
    np.testing.assert_allclose(loss.negative_elbo, [[expected]])
    np.testing.assert_allclose(
        stopping.count_probs(parse), tf.reshape(q, [1, 1, 4])
    )


def test_presence_loss_is_smallest_where_the_elbo_is_largest(
    make_parse, all_drawn, likelihoods
):
    """Fixed latents: q(n) is in proportion to exp(ELBO of n strokes)."""
    chains = make_parse(CHAINS, tf.constant(LOGITS))
    costs = elbo.log_weights(chains) + tf.reduce_sum(
        chains.log_posterior.presence, -1
    )
    best = np.ravel(tf.nn.softmax(tf.reshape(costs, [-1])))
    later = np.cumsum(best[::-1])[::-1]
    logits = tf.constant(np.log(later[1:] / best[:-1]))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        chains = make_parse(CHAINS, logits)
        q = tf.exp(tf.reduce_sum(chains.log_posterior.presence, -1))
        bound = tf.reduce_sum(q * elbo.log_weights(chains))
        loss = stopping.losses(all_drawn(logits), likelihoods, likelihoods, 1.0)
    np.testing.assert_allclose(np.ravel(q), best)
    np.testing.assert_allclose(tape.gradient(bound, logits), 0, atol=1e-9)
    np.testing.assert_allclose(
        tape.gradient(loss.presence, logits), 0, atol=1e-9
    )


def test_wrong_presence_with_saturated_logits_has_a_gradient(all_drawn):
    logits = tf.constant([20.0, 20.0, 20.0], tf.float64)
    likelihoods = tf.constant([[[0.0, 500.0, 0.0, -500.0]]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = stopping.losses(all_drawn(logits), likelihoods, likelihoods, 1.0)
    gradient = tape.gradient(loss.presence, logits)
    np.testing.assert_allclose(gradient, [0.0, 1.0, 0.0], atol=1e-6)


def test_gradients_of_strokes_are_weighted_by_their_probability(
    all_drawn, likelihoods
):
    parse = all_drawn(tf.constant(LOGITS))
    layout = tf.identity(parse.log_prior.layout)
    with tf.GradientTape() as tape:
        tape.watch([layout, likelihoods])
        moved = parse._replace(
            log_prior=parse.log_prior._replace(layout=layout)
        )
        loss = stopping.losses(moved, likelihoods, likelihoods, 1.0)
    by_layout, by_likelihood = tape.gradient(
        loss.negative_elbo, [layout, likelihoods]
    )
    q = stopping.count_probs(parse).numpy()
    np.testing.assert_allclose(by_likelihood, -q)
    at_least = np.cumsum(q[..., ::-1], -1)[..., ::-1][..., 1:]
    np.testing.assert_allclose(by_layout, -at_least)


def test_presence_learns_from_the_signal_likelihood_divided_by_beta(
    all_drawn, likelihoods
):
    def gradient(signal, beta):
        logits = tf.constant(LOGITS)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = stopping.losses(all_drawn(logits), likelihoods, signal, beta)
        return tape.gradient(loss.presence, logits)

    np.testing.assert_allclose(
        gradient(likelihoods, 4.0), gradient(likelihoods / 4.0, 1.0)
    )
    parse = all_drawn(tf.constant(LOGITS))
    halved = stopping.losses(parse, likelihoods, likelihoods / 2.0, 4.0)
    plain = stopping.losses(parse, likelihoods, likelihoods, 1.0)
    np.testing.assert_allclose(halved.negative_elbo, plain.negative_elbo)
    assert not np.allclose(halved.presence, plain.presence)


def test_each_loss_has_gradients_only_for_its_own_variables(
    all_drawn, likelihoods
):
    """The presence learns from one, layouts and strokes from the other."""
    logits = tf.constant(LOGITS)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([logits, likelihoods])
        loss = stopping.losses(all_drawn(logits), likelihoods, likelihoods, 1.0)
    assert tape.gradient(loss.presence, likelihoods) is None
    through_logits = tape.gradient(loss.negative_elbo, logits)
    assert through_logits is None or not np.any(through_logits)


def test_gradients_of_saturated_logits_are_finite(all_drawn, likelihoods):
    logits = tf.constant([60.0, -60.0, 60.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = stopping.losses(all_drawn(logits), likelihoods, likelihoods, 4.0)
        total = loss.negative_elbo + loss.presence
    assert np.all(np.isfinite(total))
    assert np.all(np.isfinite(tape.gradient(total, logits)))
