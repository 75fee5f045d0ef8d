import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import dropout as dropout_lib

_SEED = (1, 2)


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.5, 0.99])
def test_share_of_zeros_and_scale_of_the_others(rate):
    ones = tf.ones([50, 40, 12])
    values = dropout_lib.dropout(ones, rate, tf.constant(_SEED)).numpy()
    dropped = round(256 * rate) / 256
    np.testing.assert_allclose(values[values != 0.0], 1.0 / (1.0 - dropped))
    spread = np.sqrt(dropped * (1.0 - dropped) / values.size)
    assert abs(np.mean(values == 0.0) - dropped) <= 5.0 * spread


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.9])
def test_mean_over_seeds_is_the_input(rate):
    features = tf.random.stateless_normal([2, 8], [0, 0])

    @tf.function(autograph=False)
    def samples():
        return tf.map_fn(
            lambda i: dropout_lib.dropout(features, rate, tf.stack([i, 7])),
            tf.range(2000),
            fn_output_signature=tf.float32,
        )

    dropped = round(256 * rate) / 256
    spread = np.abs(features) * np.sqrt(dropped / (1.0 - dropped) / 2000)
    assert np.all(np.abs(samples().numpy().mean(0) - features) < 5.0 * spread)


def test_rate_near_one_keeps_one_of_256():
    ones = tf.ones([1000, 64])
    values = dropout_lib.dropout(ones, 0.9999, tf.constant(_SEED)).numpy()
    np.testing.assert_allclose(values[values != 0.0], 256.0)
    spread = np.sqrt(255.0) / 256.0 / np.sqrt(values.size)
    assert abs(np.mean(values != 0.0) - 1.0 / 256.0) < 5.0 * spread


def test_features_are_dropped_independently():
    values = dropout_lib.dropout(tf.ones([20_000, 8]), 0.5, tf.constant(_SEED))
    correlations = np.corrcoef(values, rowvar=False) - np.eye(8)
    assert np.abs(correlations).max() < 5.0 / np.sqrt(20_000)
    next_rows = np.mean((values[1:] - 1.0) * (values[:-1] - 1.0), 0)
    assert np.abs(next_rows).max() < 5.0 / np.sqrt(20_000)


def test_gradient_is_the_factor_of_the_feature():
    features = tf.random.stateless_normal([7, 5, 4], [0, 0])
    with tf.GradientTape() as tape:
        tape.watch(features)
        values = dropout_lib.dropout(features, 0.3, tf.constant(_SEED))
    gradient = tape.gradient(values, features)
    np.testing.assert_allclose(gradient * features, values, rtol=1e-6)


def test_compiled_equals_eager_for_all_batch_sizes():
    def drop(features):
        return dropout_lib.dropout(features, 0.4, tf.constant(_SEED))

    spec = tf.TensorSpec([None, 3, 8])
    traced = tf.function(drop, input_signature=[spec])
    for batch_size in (1, 4):
        features = tf.random.stateless_normal([batch_size, 3, 8], [0, 0])
        np.testing.assert_allclose(traced(features), drop(features), rtol=1e-6)
    assert traced.experimental_get_tracing_count() == 1
