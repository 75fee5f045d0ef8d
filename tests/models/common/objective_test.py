import dataclasses

import keras
import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfdood import models
from tfdood.distributions import pixels
from tfdood.models.common import objective as losses
from tfdood.objectives import collages as exploration
from tfdood.objectives import elbo, nvil, stopping
from tfdood.settings.schema import ModelConfig, ObjectiveConfig

_CONFIG = ModelConfig(
    image_size=20,
    glimpse_size=10,
    num_strokes=2,
    num_curve_points=20,
    width=8,
    num_mixtures=2,
)
_OBJECTIVE = ObjectiveConfig(beta=2.0, signal_scale_floor=0.7)
_IMAGES = tf.random.stateless_uniform([8, 20, 20, 1], [5, 6]) ** 4
_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="model")
def _model():
    keras.utils.set_random_seed(0)
    return models.build(_CONFIG)


@pytest.fixture(scope="module", name="drawn")
def _drawn(model):
    """Every stroke is drawn."""
    parse = model.parse(_IMAGES, 3, _SEED, draw_all=True)
    return losses.Batch(_IMAGES, parse)


def _log_likelihood(model, canvas, min_scale):
    scale = tf.maximum(model.pixel_scale, min_scale)
    return pixels.log_prob(_IMAGES, canvas, scale, "laplace")


def test_prefixes_are_the_canvases_after_each_number_of_strokes(drawn):
    prefixes = losses.prefixes(drawn.parse)
    assert prefixes.shape == [3, 8, 3, 20, 20, 1]
    np.testing.assert_array_equal(prefixes[:, :, 0], 0.0)
    np.testing.assert_array_equal(
        prefixes[:, :, 1:], drawn.parse.drawing.canvases
    )


@pytest.mark.parametrize("num_explored", [0, 3])
def test_exact_losses_weigh_all_drawings_alike(model, drawn, num_explored):
    got = losses.exact(model, _OBJECTIVE, drawn, num_explored)
    canvases = losses.prefixes(drawn.parse)
    likelihoods, signal = (
        tf.stack(
            [
                _log_likelihood(model, canvases[:, :, n], scale)
                for n in range(3)
            ],
            -1,
        )
        for scale in (0.0, 0.7)
    )
    each = stopping.losses(drawn.parse, likelihoods, signal, 2.0)
    count = 8 - num_explored
    np.testing.assert_allclose(
        got.negative_elbo, np.mean(each.negative_elbo[:, :count]), rtol=1e-5
    )
    np.testing.assert_allclose(
        got.presence, np.mean(each.presence) * 8 / count, rtol=1e-4
    )
    explored = exploration.losses(drawn.parse, signal[..., -1])
    explored = np.mean(explored, 0)[count:]
    np.testing.assert_allclose(
        got.exploration, explored.sum() / count, rtol=1e-5
    )
    assert float(got.baseline) == 0.0


def test_a_learned_pixel_scale_learns_from_free_drawings_alone():
    keras.utils.set_random_seed(0)
    model = models.build(dataclasses.replace(_CONFIG, pixel_scale="learned"))
    objective = dataclasses.replace(_OBJECTIVE, signal_scale_floor=0.0)
    scale = model.pixel_scale_logits.value
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(scale)
        parse = model.parse(_IMAGES, 3, _SEED, draw_all=True)
        batch = losses.Batch(_IMAGES, parse)
        got = losses.exact(model, objective, batch, num_explored=3)
    assert tape.gradient(got.exploration, scale) is None
    assert tape.gradient(got.presence, scale) is None
    assert np.any(tape.gradient(got.negative_elbo, scale))


def test_free_drawings_are_the_first(drawn):
    free = losses.free(drawn, 3)
    np.testing.assert_array_equal(free.images, _IMAGES[:5])
    tf.nest.map_structure(
        lambda part, whole: np.testing.assert_array_equal(part, whole[:, :5]),
        free.parse,
        drawn.parse,
    )


def test_sampled_losses_leave_the_presence_to_its_score(model):
    moments = nvil.initial_moments()
    logits = model.recognition.presence_head.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        parse = model.parse(_IMAGES, 3, _SEED)
        batch = losses.Batch(_IMAGES, parse)
        got, new = losses.sampled(model, _OBJECTIVE, batch, moments)
    weights = [w.value for w in logits]
    for gradient in tape.gradient(got.negative_elbo, weights):
        np.testing.assert_array_equal(gradient, 0.0)
    assert any(map(np.any, tape.gradient(got.presence, weights)))
    np.testing.assert_allclose(
        got.negative_elbo, -np.mean(elbo.elbo(parse)), rtol=1e-5
    )
    canvas = parse.drawing.canvases[:, :, -1]
    tempered = _log_likelihood(model, canvas, 0.7)
    expected = nvil.nvil_losses(
        parse, nvil.learning_signal(parse, tempered, 2.0), moments, 0.8
    )
    np.testing.assert_allclose(got.baseline, expected.baseline, rtol=1e-5)
    np.testing.assert_allclose(new, expected.moments, rtol=1e-5)
    assert float(got.exploration) == 0.0


def test_compares_smoothed_drawings_with_smoothed_images(model, drawn):
    got = losses.smoothed(model, drawn, tf.constant(2.5))

    def smooth(x):
        x, std = np.array(x), [0, 2.5, 2.5, 0]
        blurred, inside = (
            scipy.ndimage.gaussian_filter(
                y, std, truncate=20.0, mode="constant"
            )
            for y in (x, np.ones_like(x))
        )
        return blurred / inside

    images = smooth(_IMAGES)
    canvas = smooth(drawn.parse.drawing.canvases[1, :, -1])
    np.testing.assert_allclose(got.images, images, atol=1e-5)
    np.testing.assert_allclose(
        got.parse.drawing.canvases[1, :, -1], canvas, atol=1e-5
    )
    np.testing.assert_allclose(
        got.parse.log_likelihood[1],
        model.log_likelihood(images, canvas),
        rtol=1e-4,
    )
