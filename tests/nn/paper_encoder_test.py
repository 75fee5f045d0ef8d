import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from tfdood.nn import paper_encoder


def _images(count, size):
    return tf.random.stateless_uniform([count, size, size, 1], [0, 1])


def _relu_dense(x, layer):
    kernel, bias = layer.get_weights()
    return np.maximum(x @ kernel + bias, 0.0)


def _relu_convolution(image, layer):
    """A 3x3 convolution `[H, W, C] -> [H - 2, W - 2, F]` by scipy."""
    kernel, bias = layer.get_weights()  # [3, 3, C, F]
    channels = [
        sum(
            scipy.signal.correlate2d(image[..., c], kernel[:, :, c, f], "valid")
            for c in range(image.shape[-1])
        )
        for f in range(kernel.shape[-1])
    ]
    return np.maximum(np.stack(channels, -1) + bias, 0.0)


def _head(features, encoder):
    kernel, bias = encoder.hidden.get_weights()
    hidden = np.tanh(features.ravel() @ kernel + bias)
    kernel, bias = encoder.output_layer.get_weights()
    return hidden @ kernel + bias


def test_paper_encoder_equals_scipy():
    encoder = paper_encoder.PaperEncoder(9, 6, 0.5)
    images = _images(2, 9)
    for image, embedding in zip(images, encoder(images), strict=True):
        features = image.numpy()
        for layer in encoder.convolutions:
            features = _relu_convolution(features, layer)
        expected = _head(features, encoder)
        np.testing.assert_allclose(embedding, expected, rtol=1e-4, atol=1e-5)


def test_paper_encoder_has_the_published_number_of_parameters():
    encoder = paper_encoder.PaperEncoder(50, 256, 0.5)
    assert encoder.count_params() == 8_734_432


def test_embedding_does_not_depend_on_the_batch():
    encoder = paper_encoder.PaperEncoder(20, 8, 0.0)
    images = _images(3, 20)
    embeddings = encoder(images)
    assert embeddings.shape == (3, 8)
    for i in range(3):
        np.testing.assert_allclose(
            encoder(images[i : i + 1])[0], embeddings[i], rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("shape", [[40, 40, 1], [20, 20, 3], [20, 20]])
def test_images_of_another_shape_raise(shape):
    encoder = paper_encoder.PaperEncoder(20, 8, 0.0)
    with pytest.raises(ValueError, match=r"must be \[N, 20, 20, 1\], got \(2,"):
        encoder(tf.zeros([2, *shape]))
    unknown = tf.TensorSpec([None] * len(shape) + [None])
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        tf.function(encoder, input_signature=[unknown])(tf.zeros([2, *shape]))


def test_dropout_is_a_function_of_the_seed():
    encoder = paper_encoder.PaperEncoder(12, 8, 0.5)
    image = _images(2, 12)
    seed, other = tf.constant([1, 2]), tf.constant([3, 4])
    # Equal, as these are repetitions of one computation.
    without = encoder(image)
    np.testing.assert_array_equal(without, encoder(image))
    dropped = encoder(image, seed)
    np.testing.assert_array_equal(dropped, encoder(image, seed))
    assert np.abs(dropped - without).max() > 1e-4
    assert np.abs(dropped - encoder(image, other)).max() > 1e-4


def test_dropout_keeps_the_mean_of_linear_embeddings():
    encoder = paper_encoder.PaperEncoder(12, 8, 0.5)
    encoder.hidden.activation = lambda x: x
    image = _images(1, 12)
    drop = tf.function(encoder, autograph=False)
    samples = [drop(image, tf.constant([i, 0])) for i in range(400)]
    error = np.mean(samples, 0) - encoder(image)
    spread = np.std(samples, 0) / 20.0
    assert np.all(np.abs(error) < 5.0 * spread)
