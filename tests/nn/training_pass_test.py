import numpy as np
import tensorflow as tf

from tfdood.nn import training_pass

_ONES = tf.ones([50, 400])


def test_each_use_drops_other_features_at_its_rate():
    run = training_pass.TrainingPass(tf.constant([1, 2]))
    first = training_pass.dropout(_ONES, 0.25, run).numpy()
    second = training_pass.dropout(_ONES, 0.25, run).numpy()
    assert not np.array_equal(first, second)
    for found in (first, second):
        np.testing.assert_allclose((found == 0.0).mean(), 0.25, atol=0.02)
        np.testing.assert_allclose(found.mean(), 1.0, atol=0.02)


def test_the_same_seed_drops_the_same():
    found = [
        training_pass.TrainingPass(tf.constant(seed)).dropout(_ONES, 0.5)
        for seed in ([1, 2], [1, 2], [2, 2])
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_the_factor_multiplies_rates_and_no_training_drops_nothing():
    half = training_pass.TrainingPass(tf.constant([1, 2]), 0.5)
    share = (half.dropout(_ONES, 0.5).numpy() == 0.0).mean()
    np.testing.assert_allclose(share, 0.25, atol=0.02)
    none = training_pass.TrainingPass(tf.constant([1, 2]), 0.0)
    assert none.dropout(_ONES, 0.5) is _ONES
    assert training_pass.dropout(_ONES, 0.5, None) is _ONES
