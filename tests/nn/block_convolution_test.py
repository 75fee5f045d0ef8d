import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import block_convolution


def _normal(shape, seed):
    return tf.random.stateless_normal(shape, [seed, 5])


def _inputs(shape, size):
    return (
        _normal([2, *shape, 1], 0),
        _normal([size, size, 1, 3], 1),
        _normal([3], 3),
    )


def _expected(images, kernel, bias):
    return tf.nn.conv2d(images, kernel, 1, "SAME") + bias


def _found(images, kernel, bias):
    blocks = block_convolution.convolve(images, kernel, bias)
    return tf.nn.depth_to_space(blocks, block_convolution.BLOCK)


@pytest.mark.parametrize("size", range(1, 10))
def test_blocks_give_the_convolution(size):
    inputs = _inputs([6, 10], size)
    np.testing.assert_allclose(
        _found(*inputs), _expected(*inputs), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("size", [2, 5])
def test_blocks_give_the_gradients(size):
    inputs = _inputs([8, 6], size)
    weights = _normal([2, 8, 6, 3], 2)

    def gradients(function):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = tf.reduce_sum(weights * function(*inputs))
        return tape.gradient(total, inputs)

    each = zip(gradients(_found), gradients(_expected), strict=True)
    for found, expected in each:
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
