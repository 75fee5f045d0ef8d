import numpy as np
import tensorflow as tf

from tfdood.models.common import rows


def test_merge_and_unmerge_keep_the_order():
    x = tf.reshape(tf.range(3 * 4 * 2 * 5), [12, 2, 5])
    assert rows.merge(x).shape == [24, 5]
    np.testing.assert_array_equal(rows.merge(x)[3], x[1, 1])
    one, two = rows.unmerge((x, x[:, 0]), [3, 4])
    np.testing.assert_array_equal(one[2, 1], x[9])
    np.testing.assert_array_equal(two[1, 3], x[7, 0])


def test_best_takes_the_particle_with_the_largest_score():
    x = tf.reshape(tf.range(2 * 3 * 4), [2, 3, 4])
    scores = tf.constant([[1.0, 5.0, 2.0], [3.0, 4.0, 9.0]])
    (best,) = rows.best((x,), scores)
    np.testing.assert_array_equal(best, tf.stack([x[1, 0], x[0, 1], x[1, 2]]))


def test_merge_takes_tensors_without_values():
    assert rows.merge(tf.zeros([3, 2, 0])).shape == [6, 0]


def test_single_removes_the_axis_of_a_single_particle():
    x = tf.reshape(tf.range(3 * 4), [1, 3, 4])
    found = rows.single({"x": x})
    np.testing.assert_array_equal(found["x"], x[0])
