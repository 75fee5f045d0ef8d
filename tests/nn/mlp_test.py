import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.nn import mlp as mlp_lib


def _inputs(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("fan_in", [1, 25, 400])
def test_fan_in_uniform_is_uniform_up_to_its_limit(fan_in):
    values = mlp_lib.fan_in_uniform(fan_in)([4000], "float32").numpy()
    limit = fan_in**-0.5
    assert np.abs(values).max() <= limit
    uniform = scipy.stats.uniform(-limit, 2.0 * limit)
    # Largest distance of the distribution functions; 1.95 / sqrt(4000) is
    # exceeded in 1 of 1,000 cases.
    assert scipy.stats.kstest(values, uniform.cdf).statistic < 0.031


def test_kernel_and_bias_of_dense_lie_within_the_limit():
    layer = mlp_lib.dense(16, 500)
    kernel, bias = layer.get_weights()
    assert kernel.shape == (16, 500)
    for values in (kernel, bias):
        assert 0.24 < np.abs(values).max() <= 0.25
        assert abs(values.mean()) < 0.05


@pytest.mark.parametrize(
    ("activation", "function"),
    [(None, lambda x: x), ("relu", lambda x: np.maximum(x, 0.0))],
)
def test_dense_equals_its_formula(activation, function):
    layer = mlp_lib.dense(3, 4, activation)
    kernel, bias = layer.get_weights()
    x = _inputs(2, 5, 3)
    np.testing.assert_allclose(
        layer(x), function(x @ kernel + bias), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("num_hidden", [1, 2, 3])
def test_mlp_equals_its_formula(num_hidden):
    mlp = mlp_lib.MLP(3, 2, width=8, num_hidden=num_hidden)
    x = _inputs(5, 3)
    expected = x
    for layer in mlp.hidden:
        kernel, bias = layer.get_weights()
        expected = np.tanh(expected @ kernel + bias)
    kernel, bias = mlp.output_layer.get_weights()
    expected = expected @ kernel + bias
    assert len(mlp.hidden) == num_hidden
    np.testing.assert_allclose(mlp(x), expected, rtol=1e-4, atol=1e-6)


def test_number_of_parameters_is_known():
    mlp = mlp_lib.MLP(3, 2, width=8)
    assert mlp.count_params() == (3 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 2


@pytest.mark.parametrize(
    ("bias", "expected"), [([1.0, -4.0], [1.0, -4.0]), ([0.5], [0.5, 0.5])]
)
def test_mlp_with_an_output_bias_returns_it_before_training(bias, expected):
    mlp = mlp_lib.MLP(3, 2, width=8, output_bias=bias)
    outputs = mlp(_inputs(5, 4, 3))
    # Equal, as the kernel is zero.
    np.testing.assert_array_equal(outputs, np.broadcast_to(expected, [5, 4, 2]))


def test_mlp_with_an_output_bias_gets_gradients():
    mlp = mlp_lib.MLP(3, 1, width=8, output_bias=[2.0])
    x = _inputs(5, 3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(mlp(x))
    hidden = x
    for layer in mlp.hidden:
        kernel, bias = layer.get_weights()
        hidden = np.tanh(hidden @ kernel + bias)
    by_kernel = tape.gradient(loss, mlp.output_layer.kernel.value)
    np.testing.assert_allclose(
        by_kernel[:, 0], hidden.sum(0), rtol=1e-4, atol=1e-5
    )


def test_gradient_by_inputs_matches_finite_differences():
    mlp = mlp_lib.MLP(3, 1, width=8)
    x = tf.constant(_inputs(4, 3))
    exact, numerical = tf.test.compute_gradient(
        lambda x: tf.reduce_sum(mlp(x)), [x], 1e-2
    )
    np.testing.assert_allclose(exact[0], numerical[0], rtol=0.02, atol=1e-3)
