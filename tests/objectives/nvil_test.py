import numpy as np
import pytest
import tensorflow as tf

from tfdood.distributions import presence
from tfdood.objectives import elbo, nvil

LOGITS = np.array([0.7, -0.4, 1.1])
CHAINS = np.tril(np.ones([4, 3]), -1)  # all of them, row n has n strokes
# With decay 1 the moments stay: no centring, no scaling.
PLAIN = nvil.Moments(*np.array([0.0, 1.0, 1.0]))


def _random_chains(leading, seed=0):
    counts = np.random.default_rng(seed).integers(0, 4, size=[*leading, 1])
    return (np.arange(3) < counts).astype(np.float64)


def _only(parse, particle):
    return tf.nest.map_structure(lambda x: x[particle : particle + 1], parse)


def _exact(make_parse):
    """The gradient of the negative expected ELBO, and the chains' q."""
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        parse = make_parse(CHAINS[:, np.newaxis], logits)
        q = tf.exp(tf.reduce_sum(parse.log_posterior.presence, axis=-1))
        loss = -tf.reduce_sum(q * elbo.log_weights(parse))
    return tape.gradient(loss, logits).numpy(), q.numpy()[:, 0]


def _expected_estimate(make_parse, loss_fn):
    """The mean over q of the gradients that single chains give."""
    _, q = _exact(make_parse)
    total = np.zeros(3)
    for n in range(4):
        logits = tf.constant(LOGITS)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            parse = make_parse(CHAINS[:, np.newaxis], logits)
            loss = loss_fn(_only(parse, n))
        total += q[n] * tape.gradient(loss, logits).numpy()
    return total


def _baseline(parse):
    """A guess of the signal that depends on the step."""
    guess = np.random.default_rng(2).normal(scale=3.0, size=3)
    return presence.previous(parse.presence) * guess


def _score(parse, moments=PLAIN, signal=None, baseline=None):
    if signal is None:
        signal = nvil.learning_signal(parse, parse.log_likelihood, beta=1.0)
    if baseline is None:
        baseline = _baseline(parse)
    return nvil.nvil_losses(parse, signal, baseline, moments, decay=1.0).score


def test_score_gradient_is_the_gradient_of_the_expected_elbo(make_parse):
    exact, _ = _exact(make_parse)
    assert np.all(np.abs(exact) > 0.01)
    np.testing.assert_allclose(_expected_estimate(make_parse, _score), exact)


def test_baseline_does_not_change_the_expected_gradient(make_parse):
    exact, _ = _exact(make_parse)

    def without_baseline(parse):
        return _score(parse, baseline=tf.zeros_like(parse.presence))

    estimate = _expected_estimate(make_parse, without_baseline)
    np.testing.assert_allclose(estimate, exact)


def test_centring_and_scaling_only_scale_the_expected_gradient(make_parse):
    exact, _ = _exact(make_parse)
    moments = nvil.Moments(*np.array([-17.0, 9.0, 1.0]))
    estimate = _expected_estimate(make_parse, lambda p: _score(p, moments))
    np.testing.assert_allclose(estimate, exact / 3.0)


def test_variance_below_one_does_not_scale_the_gradient(make_parse):
    exact, _ = _exact(make_parse)
    moments = nvil.Moments(*np.array([0.0, 0.01, 1.0]))
    estimate = _expected_estimate(make_parse, lambda p: _score(p, moments))
    np.testing.assert_allclose(estimate, exact)


def test_past_terms_do_not_change_the_expected_gradient(make_parse):
    exact, _ = _exact(make_parse)

    def with_past(parse):
        decided = presence.previous(parse.presence)
        cost = -elbo.log_weights(parse)[..., tf.newaxis]
        return _score(parse, signal=tf.stop_gradient(decided * cost))

    np.testing.assert_allclose(_expected_estimate(make_parse, with_past), exact)


def test_elbo_adds_nothing_to_the_expected_gradient_of_presence(make_parse):
    exact, _ = _exact(make_parse)

    def whole_loss(parse):
        return _score(parse) - tf.reduce_mean(elbo.elbo(parse))

    np.testing.assert_allclose(
        _expected_estimate(make_parse, whole_loss), exact
    )


@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_signal_is_the_sum_of_later_costs(make_parse, beta):
    parse = make_parse(_random_chains([2, 5]), tf.constant(LOGITS))
    other_likelihood = np.random.default_rng(3).normal(size=[2, 5])
    actual = nvil.learning_signal(parse, other_likelihood, beta)
    ratio = sum(parse.log_posterior) - sum(parse.log_prior)
    chains = parse.presence
    for p, b, t in np.ndindex(2, 5, 3):
        expected = 0.0
        if t == 0 or chains[p, b, t - 1] == 1.0:
            expected = np.sum(ratio[p, b, t:]) - other_likelihood[p, b] / beta
        np.testing.assert_allclose(actual[p, b, t], expected)


def test_beta_divides_the_likelihood_in_the_expected_gradient(make_parse):
    def score(parse):
        signal = nvil.learning_signal(parse, parse.log_likelihood, beta=4.0)
        return _score(parse, signal=signal)

    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        parse = make_parse(CHAINS[:, np.newaxis], logits)
        q = tf.exp(tf.reduce_sum(parse.log_posterior.presence, axis=-1))
        ratio = tf.reduce_sum(elbo.step_log_ratios(parse), axis=-1)
        loss = -tf.reduce_sum(q * (parse.log_likelihood / 4.0 + ratio))
    np.testing.assert_allclose(
        _expected_estimate(make_parse, score), tape.gradient(loss, logits)
    )


def test_gradients_of_single_samples_match_hand_derivation(make_parse):
    chains = _random_chains([2, 5])
    values = np.random.default_rng(4).normal(size=[2, 5, 3])
    baseline = tf.constant(np.random.default_rng(5).normal(size=[2, 5, 3]))
    logits = tf.constant(values)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([logits, baseline])
        parse = make_parse(chains, logits)
        signal = nvil.learning_signal(parse, parse.log_likelihood, beta=4.0)
        before = nvil.Moments(*np.array([2.0, 30.0, 1.0]))
        loss = nvil.nvil_losses(parse, signal, baseline, before, decay=0.8)

    mask = np.concatenate([np.ones([2, 5, 1]), chains[..., :-1]], -1)
    advantage = signal.numpy() - baseline.numpy()
    counted = advantage[mask == 1.0]
    mean = 0.8 * 2.0 + 0.2 * np.mean(counted)
    variance = 0.8 * 30.0 + 0.2 * np.var(counted)
    assert variance > 1.0
    by_logits = np.zeros([2, 5, 3])
    for i in np.ndindex(2, 5, 3):
        probability = 1.0 / (1.0 + np.exp(-values[i]))
        score = chains[i] - probability  # d log q(o_t) / d logit_t
        by_logits[i] = mask[i] * score * (advantage[i] - mean)
    by_logits /= 10.0 * np.sqrt(variance)
    by_baseline = -2.0 * mask * advantage / (10.0 * variance)

    np.testing.assert_allclose(tape.gradient(loss.score, logits), by_logits)
    np.testing.assert_allclose(
        tape.gradient(loss.baseline, baseline), by_baseline
    )
    assert tape.gradient(loss.score, baseline) is None
    assert tape.gradient(loss.baseline, logits) is None
    assert tape.gradient(signal, logits) is None
    assert tape.gradient(loss.moments.mean, baseline) is None
    np.testing.assert_allclose(loss.moments, [mean, variance, 1.0])


def test_losses_are_zero_where_the_baseline_is_the_signal(make_parse):
    parse = make_parse(_random_chains([1, 6]), tf.constant(LOGITS))
    signal = nvil.learning_signal(parse, parse.log_likelihood, beta=4.0)
    loss = nvil.nvil_losses(parse, signal, signal, PLAIN, decay=0.8)
    np.testing.assert_allclose(loss.baseline, 0.0, atol=1e-12)
    np.testing.assert_allclose(loss.score, 0.0, atol=1e-12)


def test_first_batch_sets_the_moments_and_later_batches_average_them():
    rng = np.random.default_rng(6)
    moments = nvil.initial_moments()
    for batch in range(4):
        values = rng.normal(100.0 * batch, 7.0, size=[2, 8, 3])
        mask = rng.integers(0, 2, size=[2, 8, 3])
        counted = values[mask == 1]
        if batch == 0:
            mean, variance = np.mean(counted), np.var(counted)
        else:
            mean = 0.8 * mean + 0.2 * np.mean(counted)
            variance = 0.8 * variance + 0.2 * np.var(counted)
        arguments = (
            moments,
            values.astype(np.float32),
            mask.astype(np.float32),
            0.8,
        )
        new = nvil.update_moments(*arguments)
        # The same route, repeated: exact.
        np.testing.assert_array_equal(new, nvil.update_moments(*arguments))
        np.testing.assert_allclose(new, [mean, variance, 1.0], rtol=1e-4)
        moments = new


def test_moments_ignore_masked_values():
    values = np.float32([1.0, 3.0, 1e6])
    mask = np.float32([1.0, 1.0, 0.0])
    new = nvil.update_moments(nvil.initial_moments(), values, mask, 0.8)
    np.testing.assert_allclose(new, [2.0, 1.0, 1.0], rtol=1e-5)


def test_graph_and_xla_agree_with_eager(make_parse):
    @tf.function
    def losses(logits, baseline, moments):
        parse = make_parse(_random_chains([2, 5]), logits)
        signal = nvil.learning_signal(parse, parse.log_likelihood, beta=4.0)
        return nvil.nvil_losses(parse, signal, baseline, moments, decay=0.8)

    logits = tf.constant(np.random.default_rng(7).normal(size=[2, 5, 3]))
    baseline = tf.constant(np.random.default_rng(8).normal(size=[2, 5, 3]))
    compiled = tf.function(losses.python_function, jit_compile=True)
    moments = tf.nest.map_structure(tf.constant, PLAIN)
    eager = losses.python_function(logits, baseline, moments)
    for function in (losses, compiled):
        tf.nest.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6),
            function(logits, baseline, moments),
            eager,
        )
