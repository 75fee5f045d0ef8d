import numpy as np
import scipy.special
import tensorflow as tf

from tfdood.nn import recurrent


def _values(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _step(cell, x, h):
    """The formula of the gated recurrent unit."""
    kernel, recurrent_kernel, bias = cell.get_weights()
    inputs = np.split(x @ kernel + bias[0], 3, -1)
    states = np.split(h @ recurrent_kernel + bias[1], 3, -1)
    z, r = (scipy.special.expit(inputs[i] + states[i]) for i in range(2))
    n = np.tanh(inputs[2] + r * states[2])
    return z * h + (1.0 - z) * n


def test_cell_equals_its_formula_over_three_steps():
    cell = recurrent.gru(3, 5)
    state = expected = _values(4, 5)
    for step in range(3):
        x = _values(4, 3, seed=step)
        output, [state] = cell(x, [state])
        expected = _step(cell, x, expected)
        np.testing.assert_allclose(state, expected, rtol=1e-4, atol=1e-6)
        # Equal, as the output is the state.
        np.testing.assert_array_equal(output, state)


def test_weights_are_uniform_in_one_over_the_root_of_the_width():
    cell = recurrent.gru(30, 64)
    shapes = [weights.shape for weights in cell.get_weights()]
    assert shapes == [(30, 192), (64, 192), (2, 192)]
    for weights in cell.get_weights():
        assert 0.12 < np.abs(weights).max() <= 0.125
        np.testing.assert_allclose(
            weights.std(), 0.125 / np.sqrt(3.0), rtol=0.1
        )


def test_weights_are_drawn_independently():
    kernel, recurrent_kernel, bias = recurrent.gru(64, 64).get_weights()
    for one, other in (
        (kernel, recurrent_kernel),
        (kernel[:2], bias),
        (recurrent_kernel[:2], bias),
    ):
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 0.25


def test_states_stay_between_minus_one_and_one():
    cell = recurrent.gru(3, 5)
    state = tf.zeros([4, 5])
    for step in range(20):
        _, [state] = cell(100.0 * _values(4, 3, seed=step), [state])
        assert np.abs(state).max() <= 1.0
    assert np.abs(state).max() > 0.5


def test_gradients_match_finite_differences():
    cell = recurrent.gru(3, 5)
    exact, numerical = tf.test.compute_gradient(
        lambda x, h: tf.reduce_sum(cell(x, [h])[0]),
        [tf.constant(_values(2, 3)), tf.constant(_values(2, 5, seed=1))],
        1e-2,
    )
    for a, b in zip(exact, numerical, strict=True):
        assert np.abs(b).max() > 0.01
        np.testing.assert_allclose(a, b, rtol=0.02, atol=1e-3)
