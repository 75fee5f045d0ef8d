import numpy as np
import pytest
import tensorflow as tf

from tfdood.distributions import presence


def _chains(num_steps):
    """All T + 1 chains; row n has n strokes."""
    return np.tril(np.ones([num_steps + 1, num_steps]), -1)


def test_probabilities_of_all_chains_sum_to_one():
    logits = np.random.default_rng(0).normal(size=[7, 1, 5])
    log_probs = presence.log_prob_steps(_chains(5), logits + np.zeros([6, 5]))
    total = tf.reduce_sum(tf.exp(tf.reduce_sum(log_probs, -1)), -1)
    np.testing.assert_allclose(total, np.ones(7))


def test_chain_probability_is_a_product_of_coin_flips():
    logits = np.random.default_rng(1).normal(size=[4])
    p = 1.0 / (1.0 + np.exp(-logits))
    expected = [
        1 - p[0],
        p[0] * (1 - p[1]),
        p[0] * p[1] * (1 - p[2]),
        p[0] * p[1] * p[2] * (1 - p[3]),
        p[0] * p[1] * p[2] * p[3],
    ]
    log_probs = presence.log_prob_steps(_chains(4), logits + np.zeros([5, 4]))
    np.testing.assert_allclose(np.exp(log_probs.numpy().sum(-1)), expected)


def test_steps_after_the_first_zero_have_zero_log_prob():
    chains = _chains(4)
    logits = tf.constant(np.random.default_rng(2).normal(size=[5, 4]))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_probs = presence.log_prob_steps(chains, logits)
    gradient = tape.gradient(log_probs, logits).numpy()
    step = np.arange(4)
    for num_strokes in range(5):
        decided = step <= num_strokes
        assert np.all(log_probs[num_strokes].numpy()[decided] < 0.0)
        assert np.all(log_probs[num_strokes].numpy()[~decided] == 0.0)
        assert np.all(gradient[num_strokes][~decided] == 0.0)
    sigmoid = 1.0 / (1.0 + np.exp(-logits))
    decided = presence.previous(tf.constant(chains))
    np.testing.assert_allclose(gradient, decided * (chains - sigmoid))


def test_previous_shifts_by_one_step():
    actual = presence.previous(tf.constant([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))
    np.testing.assert_array_equal(actual, [[1, 1, 1], [1, 0, 0]])


@pytest.mark.parametrize("logit", [-300.0, -30.0, 30.0, 300.0])
def test_extreme_logits_give_finite_log_probs(logit):
    logits = tf.constant([logit, logit])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_probs = presence.log_prob_steps(tf.constant([1.0, 0.0]), logits)
    softplus = np.logaddexp(0.0, [-logit, logit])
    np.testing.assert_allclose(log_probs, -softplus, rtol=1e-5, atol=1e-40)
    assert np.all(np.isfinite(tape.gradient(log_probs, logits)))


def test_sampled_chains_fit_the_density_and_stay_zero():
    logits = np.float32([1.0, -0.5, 0.3, 0.8])
    uniform = np.random.default_rng(3).uniform(size=[4, 100_000])
    chain, previous = [], tf.ones([100_000])
    for step in range(4):
        previous = presence.sample_step(
            previous, logits[step], uniform[step].astype(np.float32)
        )
        chain.append(previous.numpy())
    chain = np.stack(chain, axis=-1)
    assert np.all(np.diff(chain, axis=-1) <= 0.0)
    frequency = np.bincount(chain.sum(-1).astype(int)) / 100_000
    log_probs = presence.log_prob_steps(
        _chains(4).astype(np.float32), logits + np.zeros([5, 4], np.float32)
    )
    expected = np.exp(log_probs.numpy().sum(-1))
    np.testing.assert_allclose(frequency, expected, atol=0.008)


def test_step_goes_on_if_noise_is_below_the_probability():
    logits = tf.math.log(3.0)  # goes on with probability 3/4
    uniform = tf.constant([0.0, 0.7499, 0.7501, 0.9999, 0.0])
    before = tf.constant([1.0, 1.0, 1.0, 1.0, 0.0])
    actual = presence.sample_step(before, logits, uniform)
    np.testing.assert_array_equal(actual, [1, 1, 0, 0, 0])


def test_no_gradient_flows_through_the_decision():
    logits = tf.constant([0.5])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        chosen = presence.sample_step(tf.ones([1]), logits, tf.constant([0.1]))
    assert tape.gradient(chosen, logits) is None


def test_count_probabilities_equal_chain_probabilities():
    logits = tf.constant([[0.3, -1.2, 2.0], [5.0, 0.0, -4.0]])
    chains = tf.constant(np.tril(np.ones([4, 3]), -1), tf.float32)
    expected = tf.stack(
        [
            tf.reduce_sum(presence.log_prob_steps(chain, logits), -1)
            for chain in chains
        ],
        -1,
    )
    counts = presence.log_prob_counts(logits)
    np.testing.assert_allclose(counts, expected, rtol=1e-5, atol=1e-6)
    total = tf.reduce_sum(tf.exp(counts), -1)
    np.testing.assert_allclose(total, [1.0, 1.0], rtol=1e-5)
