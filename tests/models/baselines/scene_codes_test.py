import numpy as np
import pytest
import tensorflow as tf

from tests.models.baselines import tiny_scene_vae


def _numbers(layer, rows=3):
    size = layer.settings.code_size
    return tf.random.stateless_normal([rows, size], [0, 1])


def _features(rows=3):
    return tf.random.stateless_normal([rows, 2, 2, 8], [0, 2])


def _layer(prior):
    return tiny_scene_vae.build(scene_prior=prior).scene_code


@pytest.mark.parametrize("prior", ["convolutional", "gaussian"])
def test_a_code_is_its_density_s_mean_and_noise(prior):
    layer = _layer(prior)
    numbers = _numbers(layer)
    for features in (_features(), None):
        sample = layer(numbers, features)
        chosen = sample.prior if features is None else sample.posterior
        expected = chosen.loc + chosen.scale * numbers
        np.testing.assert_allclose(sample.code, expected, atol=1e-5)


def test_the_levels_of_convdraw_equal_the_algorithm_written_out():
    layer = _layer("convolutional")
    numbers, seen = _numbers(layer), _features()
    sample = layer(numbers, seen)
    rows = [3, 2, 2, 8]
    starts = (layer.encoder_start, layer.decoder_start)
    encoder, decoder = ([tf.broadcast_to(x, rows) for x in s] for s in starts)
    features, codes, priors = tf.zeros(rows), [], []
    for eps in tf.split(numbers, 2, -1):
        priors.append(tf.split(layer.prior(decoder[0]), 2, -1)[0])
        inputs = tf.concat([seen, seen - features, decoder[0]], -1)
        encoder = layer.encoder(inputs, encoder)
        mean, logits = tf.split(layer.posterior(encoder[0]), 2, -1)
        std = layer.settings.std_floor + tf.math.softplus(logits)
        codes.append(mean + std * tf.reshape(eps, mean.shape))
        decoder = layer.decoder(codes[-1], decoder)
        features += layer.output_layer(decoder[0])
    flat = [tf.reshape(x, [3, -1]) for x in codes]
    np.testing.assert_allclose(sample.code, tf.concat(flat, -1), atol=1e-5)
    np.testing.assert_allclose(sample.features, features, atol=1e-5)
    flat = [tf.reshape(x, [3, -1]) for x in priors]
    np.testing.assert_allclose(sample.prior.loc, tf.concat(flat, -1), atol=1e-5)


def test_the_code_of_a_vae_has_a_standard_normal_prior():
    layer = _layer("gaussian")
    sample = layer(_numbers(layer), _features())
    np.testing.assert_array_equal(sample.prior.loc, np.zeros([3, 6]))
    np.testing.assert_array_equal(sample.prior.scale, np.ones([3, 6]))
    assert sample.features.shape == (3, 2, 2, 128)


def test_the_posterior_of_a_vae_covers_the_grid_with_one_kernel():
    layer = _layer("gaussian")
    block, _, dense = layer.posterior.layers
    features = block(_features())
    kernel = tf.reshape(dense.kernel, [2, 2, 128, 12])
    convolved = tf.nn.conv2d(features, kernel, 1, "VALID")[:, 0, 0]
    expected = (convolved + dense.bias)[:, :6]
    sample = layer(_numbers(layer), _features())
    np.testing.assert_allclose(sample.posterior.loc, expected, atol=1e-4)
