import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import convolutions


def _images(*shape, seed=0):
    return tf.constant(
        np.random.default_rng(seed).normal(size=shape), tf.float32
    )


def test_a_convolution_of_stride_2_equals_a_loop_over_positions():
    layer = convolutions.convolution(2, 3, 4, 2)
    images = _images(1, 6, 6, 2)
    # One pixel of zeros on each side, as `(kernel - 1) // 2` says.
    padded = np.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    kernel, bias = np.asarray(layer.kernel), np.asarray(layer.bias)
    outputs = layer(images)
    assert outputs.shape == (1, 3, 3, 3)
    for i, j in np.ndindex(3, 3):
        window = padded[0, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
        expected = np.einsum("ijc,ijcd->d", window, kernel) + bias
        np.testing.assert_allclose(outputs[0, i, j], expected, atol=1e-5)


def test_initial_weights_are_uniform_with_the_fan_in_as_limit():
    layer = convolutions.convolution(8, 200, 3)
    limit = (8 * 9) ** -0.5
    for weights in (layer.kernel, layer.bias):
        values = np.asarray(weights)
        assert np.abs(values).max() <= limit
        assert np.abs(values).max() > 0.95 * limit
    np.testing.assert_allclose(
        np.std(layer.kernel), limit / np.sqrt(3), rtol=0.03
    )
    first = np.ravel(layer.kernel)[:200]
    assert abs(np.corrcoef(first, layer.bias)[0, 1]) < 0.3
    dark = convolutions.convolution(8, 2, 3, bias=-2.5)
    np.testing.assert_array_equal(dark.bias, [-2.5, -2.5])


def test_a_block_normalises_after_celu_over_positions_and_channels():
    block = convolutions.Block(2, 3, 1)
    images = _images(4, 5, 5, 2)
    linear = block.convolution(images).numpy()
    celu = np.where(linear > 0, linear, np.expm1(linear))
    mean = celu.mean((1, 2, 3), keepdims=True)
    variance = celu.var((1, 2, 3), keepdims=True)
    expected = (celu - mean) / np.sqrt(variance + convolutions.NORM_EPSILON)
    np.testing.assert_allclose(block(images), expected, atol=1e-4)


def test_a_sub_pixel_decoder_makes_vectors_into_images():
    decoder = convolutions.SubPixelDecoder(
        5, (6, 4, 2), (1, 3, 3), (4, 2, 1), bias=-2.5
    )
    assert decoder(_images(3, 5)).shape == (3, 8, 8, 2)
    np.testing.assert_array_equal(decoder.last.bias, [-2.5, -2.5])


def test_a_sub_pixel_decoder_can_end_with_a_larger_image():
    decoder = convolutions.SubPixelDecoder(5, (6, 4), (1, 3), (4, 2))
    assert decoder(_images(3, 5)).shape == (3, 8, 8, 4)


def test_a_sub_pixel_decoder_makes_maps_into_images():
    decoder = convolutions.SubPixelDecoder(
        5, (6, 2), (1, 1), (2, 1), activation=tf.nn.relu
    )
    maps = _images(3, 4, 4, 5)
    images = decoder(maps)
    assert images.shape == (3, 8, 8, 2)
    block = decoder.blocks[0]
    linear = tf.nn.depth_to_space(block.convolution(maps), 2)
    relu = np.maximum(linear, 0.0)
    expected = decoder.last(block.norm(tf.constant(relu)))
    np.testing.assert_allclose(images, expected, atol=1e-5)


def test_a_sub_pixel_block_moves_channels_to_pixels():
    block = convolutions.Block(1, 1, 1, factor=2)
    block.convolution.kernel.assign(np.reshape([1.0, 2, 3, 4], [1, 1, 1, 4]))
    block.convolution.bias.assign([0.0] * 4)
    outputs = block(tf.ones([1, 1, 1, 1]))[0, ..., 0]
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    expected = (values - values.mean()) / values.std()
    np.testing.assert_allclose(outputs, expected, atol=1e-4)


@pytest.mark.parametrize("size", [1, 2, 8, 16])
def test_the_product_of_the_factors_is_the_size(size):
    found = convolutions.factors(size, [4, 2, 2], "model.a")
    assert np.prod(found) == size
    assert all(a <= b for a, b in zip(found, [4, 2, 2], strict=True))


def test_a_size_without_factors_is_refused():
    with pytest.raises(ValueError, match="model.a .* at most 16 .* got 12"):
        convolutions.factors(12, [4, 2, 2], "model.a")
