import tensorflow as tf

from tfdood.models.common import encoders


def test_nothing_is_embedded_as_nothing():
    encoder = encoders.NoEncoder()
    assert encoder(tf.ones([3, 5, 5, 1])).shape == [3, 0]
    assert encoder(tf.ones([3, 5, 5, 0]), tf.constant([1, 2])).shape == [3, 0]
