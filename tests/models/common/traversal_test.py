import numpy as np
import tensorflow as tf

from tfdood.models.common import traversal


def _ends(size=6):
    return tf.unstack(tf.random.stateless_normal([2, size], [3, 4]))


def test_each_way_moves_its_own_level_from_start_to_end():
    start, end = _ends()
    ways = traversal.by_level(start, end, 3, 5)
    assert ways.shape == (3, 5, 6)
    for level, way in enumerate(ways.numpy()):
        own = slice(2 * level, 2 * level + 2)
        np.testing.assert_allclose(way[0], start, atol=1e-6)
        np.testing.assert_allclose(way[-1, own], end[own], atol=1e-6)
        others = np.delete(way, own, -1)
        expected = np.delete(start.numpy(), own)
        np.testing.assert_array_equal(others, np.tile(expected, [5, 1]))


def test_every_point_of_the_way_is_standard_normal():
    start, end = _ends(20_000)
    points = traversal.by_level(start, end, 1, 4)[0]
    np.testing.assert_allclose(np.mean(points, -1), 0.0, atol=0.03)
    np.testing.assert_allclose(np.var(points, -1), 1.0, atol=0.03)
