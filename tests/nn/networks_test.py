import numpy as np
import pytest
import tensorflow as tf

from tfdood.distributions import heads
from tfdood.nn import dropout as dropout_lib
from tfdood.nn import encoders as encoders_lib
from tfdood.nn import mlp as mlp_lib


def test_fan_in_uniform_stays_within_one_over_the_root_of_the_fan_in():
    values = mlp_lib.fan_in_uniform(25)([1000], "float32").numpy()
    assert 0.19 < np.abs(values).max() <= 0.2
    assert abs(values.mean()) < 0.02


def test_bounded_reaches_from_low_to_high():
    values = heads.bounded(tf.constant([-50.0, 0.0, 50.0]), -2.0, 4.0)
    np.testing.assert_allclose(values, [-2.0, 1.0, 4.0], atol=1e-5)


def test_mlp_with_an_output_bias_starts_by_predicting_it():
    mlp = mlp_lib.MLP(3, 2, width=8, output_bias=[1.0, -4.0])
    outputs = mlp(tf.random.normal([5, 4, 3]))
    np.testing.assert_allclose(
        outputs, np.broadcast_to([1.0, -4.0], [5, 4, 2]), rtol=1e-5
    )


def test_mlp_equals_its_formula():
    mlp = mlp_lib.MLP(3, 2, width=8)
    x = np.random.default_rng(0).normal(size=[5, 3]).astype(np.float32)
    (k0, b0), (k1, b1) = (layer.get_weights() for layer in mlp.hidden)
    k2, b2 = mlp.output_layer.get_weights()
    expected = np.tanh(np.tanh(x @ k0 + b0) @ k1 + b1) @ k2 + b2
    np.testing.assert_allclose(mlp(x), expected, rtol=1e-4, atol=1e-6)


def test_paper_encoder_has_the_published_number_of_parameters():
    encoder = encoders_lib.ImageEncoder("paper", 50, 256, 0.5)
    assert encoder.count_params() == 8_734_432


def test_compact_encoder_sees_every_pixel():
    encoder = encoders_lib.ImageEncoder("compact", 30, 64, 0.0)
    image = tf.random.stateless_uniform([1, 30, 30, 1], [0, 1])
    with tf.GradientTape() as tape:
        tape.watch(image)
        embedding = tf.reduce_sum(encoder(image) ** 2)
    assert np.all(tape.gradient(embedding, image) != 0.0)


@pytest.mark.parametrize("kind", ["compact", "paper"])
@pytest.mark.parametrize("shape", [[40, 40, 1], [20, 20, 3], [20, 20]])
def test_images_of_another_shape_are_refused(kind, shape):
    encoder = encoders_lib.ImageEncoder(kind, 20, 8, 0.0)
    with pytest.raises(ValueError, match=r"must be \[N, 20, 20, 1\], got \(2,"):
        encoder(tf.zeros([2, *shape]))
    unknown = tf.TensorSpec([None] * len(shape) + [None])
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        tf.function(encoder, input_signature=[unknown])(tf.zeros([2, *shape]))


def test_dropout_needs_a_seed_and_follows_it():
    encoder = encoders_lib.ImageEncoder("paper", 12, 8, 0.5)
    image = tf.random.stateless_uniform([2, 12, 12, 1], [0, 1])
    seed, other = tf.constant([1, 2]), tf.constant([3, 4])
    without = encoder(image)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(without, encoder(image))
    dropped = encoder(image, seed)
    np.testing.assert_array_equal(dropped, encoder(image, seed))
    assert np.abs(dropped - without).max() > 1e-4
    assert np.abs(dropped - encoder(image, other)).max() > 1e-4


def test_dropout_keeps_the_mean_of_linear_features():
    encoder = encoders_lib.ImageEncoder("paper", 12, 8, 0.5)
    encoder.hidden.activation = lambda x: x
    image = tf.random.stateless_uniform([1, 12, 12, 1], [0, 1])
    samples = [encoder(image, tf.constant([i, 0])) for i in range(400)]
    error = np.mean(samples, 0) - encoder(image)
    spread = np.std(samples, 0) / 20.0
    assert np.all(np.abs(error) < 5.0 * spread)


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.5, 0.99])
def test_dropout_zeroes_its_share_and_scales_the_rest(rate):
    ones = tf.ones([50, 40, 12])
    values = dropout_lib.dropout(ones, rate, tf.constant([1, 2])).numpy()
    dropped = round(256 * rate) / 256
    kept = values[values != 0.0]
    np.testing.assert_allclose(kept, 1.0 / (1.0 - dropped), rtol=1e-5)
    spread = np.sqrt(dropped * (1.0 - dropped) / values.size)
    assert abs(np.mean(values == 0.0) - dropped) <= 5.0 * spread


def test_dropout_decides_on_each_feature_alone():
    values = dropout_lib.dropout(tf.ones([20_000, 8]), 0.5, tf.constant([1, 2]))
    correlations = np.corrcoef(values, rowvar=False) - np.eye(8)
    assert np.abs(correlations).max() < 5.0 / np.sqrt(20_000)
    in_turn = np.mean((values[1:] - 1.0) * (values[:-1] - 1.0), 0)
    assert np.abs(in_turn).max() < 5.0 / np.sqrt(20_000)


def test_dropout_passes_gradients_where_it_passes_values():
    features = tf.random.stateless_normal([7, 5, 4], [0, 0])
    with tf.GradientTape() as tape:
        tape.watch(features)
        values = dropout_lib.dropout(features, 0.3, tf.constant([1, 2]))
    gradient = tape.gradient(values, features)
    np.testing.assert_allclose(gradient * features, values, rtol=1e-5)


@pytest.mark.parametrize(
    "kind, size, message",
    [("tiny", 50, "Unknown encoder 'tiny'"), ("compact", 28, "multiple of 10")],
)
def test_rejects_what_it_cannot_encode(kind, size, message):
    with pytest.raises(ValueError, match=message):
        encoders_lib.ImageEncoder(kind, size, 8, 0.0)
