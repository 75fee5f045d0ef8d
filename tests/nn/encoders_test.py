import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from tfdood.nn import encoders as encoders_lib


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
    encoder = encoders_lib.ImageEncoder("paper", 9, 6, 0.5)
    images = _images(2, 9)
    for image, embedding in zip(images, encoder(images), strict=True):
        features = image.numpy()
        for layer in encoder.convolutions:
            features = _relu_convolution(features, layer)
        expected = _head(features, encoder)
        np.testing.assert_allclose(embedding, expected, rtol=1e-4, atol=1e-5)


def test_compact_encoder_equals_scipy():
    encoder = encoders_lib.ImageEncoder("compact", 20, 6, 0.0)
    image = _images(1, 20).numpy()
    patches = np.zeros([10, 10, 32])
    for i, j in np.ndindex(10, 10):
        patch = image[0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].ravel()
        patches[i, j] = _relu_dense(patch, encoder.patch_embedding)
    [layer] = encoder.convolutions
    # With padding `same`, stride 2 and 10 patches, one row is added at the end.
    padded = np.pad(patches, [(0, 1), (0, 1), (0, 0)])
    features = _relu_convolution(padded, layer)[::2, ::2]
    expected = _head(features, encoder)
    np.testing.assert_allclose(
        encoder(image)[0], expected, rtol=1e-4, atol=1e-5
    )


def test_paper_encoder_has_the_published_number_of_parameters():
    encoder = encoders_lib.ImageEncoder("paper", 50, 256, 0.5)
    assert encoder.count_params() == 8_734_432


def test_every_pixel_has_a_gradient_in_the_compact_encoder():
    encoder = encoders_lib.ImageEncoder("compact", 30, 64, 0.0)
    image = _images(1, 30)
    with tf.GradientTape() as tape:
        tape.watch(image)
        embedding = tf.reduce_sum(encoder(image) ** 2)
    assert np.all(tape.gradient(embedding, image) != 0.0)


@pytest.mark.parametrize("kind", ["compact", "paper"])
def test_embedding_does_not_depend_on_the_batch(kind):
    encoder = encoders_lib.ImageEncoder(kind, 20, 8, 0.0)
    images = _images(3, 20)
    embeddings = encoder(images)
    assert embeddings.shape == (3, 8)
    for i in range(3):
        np.testing.assert_allclose(
            encoder(images[i : i + 1])[0], embeddings[i], rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("kind", ["compact", "paper"])
@pytest.mark.parametrize("shape", [[40, 40, 1], [20, 20, 3], [20, 20]])
def test_images_of_another_shape_raise(kind, shape):
    encoder = encoders_lib.ImageEncoder(kind, 20, 8, 0.0)
    with pytest.raises(ValueError, match=r"must be \[N, 20, 20, 1\], got \(2,"):
        encoder(tf.zeros([2, *shape]))
    unknown = tf.TensorSpec([None] * len(shape) + [None])
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        tf.function(encoder, input_signature=[unknown])(tf.zeros([2, *shape]))


def test_dropout_is_a_function_of_the_seed():
    encoder = encoders_lib.ImageEncoder("paper", 12, 8, 0.5)
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
    encoder = encoders_lib.ImageEncoder("paper", 12, 8, 0.5)
    encoder.hidden.activation = lambda x: x
    image = _images(1, 12)
    samples = [encoder(image, tf.constant([i, 0])) for i in range(400)]
    error = np.mean(samples, 0) - encoder(image)
    spread = np.std(samples, 0) / 20.0
    assert np.all(np.abs(error) < 5.0 * spread)


def test_compact_encoder_has_no_dropout():
    encoder = encoders_lib.ImageEncoder("compact", 20, 8, 0.5)
    image = _images(2, 20)
    # Equal, as these are repetitions of one computation.
    np.testing.assert_array_equal(
        encoder(image, tf.constant([1, 2])), encoder(image)
    )


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [("tiny", 50, "Unknown encoder 'tiny'"), ("compact", 28, "multiple of 10")],
)
def test_unknown_kinds_and_unsuited_sizes_raise(kind, size, message):
    with pytest.raises(ValueError, match=message):
        encoders_lib.ImageEncoder(kind, size, 8, 0.0)
