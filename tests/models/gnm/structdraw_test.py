import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes

_PRIORS = ("mlp", "convolutional", "gaussian")


def _layer(prior):
    return tiny_scenes.build(scene_prior=prior).scene_code


def _numbers(layer, rows=3, seed=0):
    size = layer.settings.code_size
    return tf.random.stateless_normal([rows, size], [seed, 1])


def _features(rows=3, seed=0):
    return tf.random.stateless_normal([rows, 2, 2, 8], [seed, 2])


@pytest.mark.parametrize("prior", _PRIORS)
@pytest.mark.parametrize("given", [True, False])
def test_a_code_is_its_density_s_mean_and_noise(prior, given):
    layer = _layer(prior)
    numbers = _numbers(layer)
    sample = layer(numbers, _features() if given else None)
    assert (sample.posterior is not None) == given
    chosen = sample.posterior if given else sample.prior
    expected = chosen.loc + chosen.scale * numbers
    np.testing.assert_allclose(sample.code, expected, rtol=1e-5, atol=1e-6)
    assert sample.features.shape == (3, 2, 2, 8)
    assert sample.prior.loc.shape == numbers.shape


@pytest.mark.parametrize("prior", ["mlp", "convolutional"])
def test_features_and_prior_are_functions_of_the_code(prior):
    """The prior's pass with the code of a posterior sample equals its own."""
    layer = _layer(prior)
    sample = layer(_numbers(layer), _features())
    numbers = (sample.code - sample.prior.loc) / sample.prior.scale
    again = layer(numbers, None)
    np.testing.assert_allclose(again.code, sample.code, atol=1e-3)
    np.testing.assert_allclose(again.features, sample.features, atol=1e-2)
    np.testing.assert_allclose(again.prior.loc, sample.prior.loc, atol=1e-2)


@pytest.mark.parametrize("prior", ["mlp", "convolutional"])
def test_a_level_depends_on_the_levels_before_it_only(prior):
    layer = _layer(prior)
    numbers = _numbers(layer)
    size = numbers.shape[-1] // 2
    other = tf.concat([numbers[:, :size], numbers[:, size:] + 1.0], -1)
    first = tf.concat([numbers[:, :size] + 1.0, numbers[:, size:]], -1)
    means, same, changed = (
        layer(x, _features()).prior.loc.numpy() for x in (numbers, other, first)
    )
    np.testing.assert_allclose(same, means, atol=1e-6)
    np.testing.assert_allclose(changed[:, :size], means[:, :size], atol=1e-6)
    assert not np.allclose(changed[:, size:], means[:, size:], atol=1e-3)


def test_the_steps_equal_the_algorithm_written_out():
    layer = _layer("mlp")
    numbers, seen = _numbers(layer), _features()
    sample = layer(numbers, seen)
    rows = [3, 2, 2, 8]
    starts = (layer.encoder_start, layer.decoder_start)
    encoder, decoder = ([tf.broadcast_to(x, rows) for x in s] for s in starts)
    features, codes = tf.zeros(rows), []
    for eps in tf.split(numbers, 2, -1):
        inputs = tf.concat([seen, seen - features, decoder[0]], -1)
        encoder = layer.encoder(inputs, encoder)
        mean, logits = tf.split(layer.posterior(encoder[0]), 2, -1)
        std = layer.settings.std_floor + tf.math.softplus(logits)
        codes.append(mean + std * eps)
        inputs = tf.concat([layer.painter(codes[-1]), features], -1)
        decoder = layer.decoder(inputs, decoder)
        features += layer.output_layer(decoder[0])
    np.testing.assert_allclose(sample.code, tf.concat(codes, -1), atol=1e-5)
    np.testing.assert_allclose(sample.features, features, atol=1e-5)


def test_a_gaussian_code_has_a_standard_normal_prior():
    layer = _layer("gaussian")
    prior = layer(_numbers(layer), _features()).prior
    np.testing.assert_array_equal(prior.loc, np.zeros([3, 6]))
    np.testing.assert_array_equal(prior.scale, np.ones([3, 6]))
