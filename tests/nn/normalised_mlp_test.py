import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import convolutions, normalised_mlp


def _layer(x, dense):
    x = x @ np.asarray(dense.kernel) + np.asarray(dense.bias)
    x = np.where(x > 0, x, np.expm1(x))
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + convolutions.NORM_EPSILON)


@pytest.mark.parametrize("is_last_bare", [True, False])
def test_each_layer_is_dense_then_celu_then_normalised(is_last_bare):
    mlp = normalised_mlp.NormalisedMLP(4, [6, 5], is_last_bare=is_last_bare)
    inputs = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    hidden = _layer(inputs, mlp.dense[0])
    expected = _layer(hidden, mlp.dense[1])
    if is_last_bare:
        last = mlp.dense[1]
        expected = hidden @ np.asarray(last.kernel) + np.asarray(last.bias)
    outputs = mlp(tf.constant(inputs))
    np.testing.assert_allclose(outputs, expected, atol=1e-4)
