import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models import unbiased
from tests.models.baselines import tiny_scene_vae
from tests.models.gnm import tiny_scenes
from tfdood.models.baselines import scene_vae

_PRIORS = ("mlp", "convolutional", "gaussian")
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])


def _widen(head, mean, std_logit):
    """Makes the density of a head depend little on what it sees."""
    last = head
    if isinstance(head, keras.Sequential):
        last = head.layers[-1]
    elif hasattr(head, "mlp"):
        last = head.mlp.dense[-1]
    last.kernel.assign(0.1 * last.kernel)
    half = last.bias.shape[0] // 2
    last.bias.assign([mean] * half + [std_logit] * half)


@pytest.mark.parametrize("prior", _PRIORS)
def test_the_mean_weight_is_the_integral_over_codes(prior):
    """p(x) by a sum over a grid of the random numbers of two levels."""
    model = tiny_scene_vae.fresh(
        scene_prior=prior, grid_size=1, level_size=1, pixel_std=2.0
    )
    # A posterior that is narrower than the prior has heavy-tailed weights.
    _widen(model.scene_code.posterior, 0.2, 1.0)
    if prior != "gaussian":
        _widen(model.scene_code.prior, 0.0, 0.5)
    image = tiny_scenes.images(count=1)
    points = np.linspace(-5.0, 5.0, 41, dtype=np.float32)
    grid = tf.constant(list(itertools.product(points, points)))
    canvas = model.imagine_code(grid).canvas
    log_joint = model.log_likelihood(image, canvas) - 0.5 * tf.reduce_sum(
        grid**2 + np.log(2.0 * np.pi), -1
    )
    exact = tf.reduce_logsumexp(log_joint) + 2.0 * np.log(points[1] - points[0])
    unbiased.check(model, image, exact)


@pytest.mark.parametrize("prior", _PRIORS)
def test_a_reconstruction_has_no_noise(prior):
    model, images = (
        tiny_scene_vae.build(scene_prior=prior),
        tiny_scenes.images(),
    )
    scene = model.reconstruct(images)
    zeros = tf.zeros([3, model.settings.code_size])
    canvas, code = model.explain(model.encoder(images), zeros)
    np.testing.assert_allclose(scene.code, code.posterior.loc, atol=1e-5)
    np.testing.assert_allclose(scene.canvas, canvas, atol=1e-5)
    assert scene.canvas.shape == images.shape


@pytest.mark.parametrize("prior", _PRIORS)
def test_scenes_depend_on_their_seeds_and_not_on_the_batch(prior):
    model = tiny_scene_vae.build(scene_prior=prior)
    together = model.generate(3, seed=_SEEDS)
    alone = model.generate(1, seed=_SEEDS[1:2])
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[1:2], one, atol=1e-5)
    assert not np.allclose(together.code[0], together.code[1], atol=1e-2)


def test_without_temperature_all_scenes_are_the_mean():
    model = tiny_scene_vae.build()
    mean = model.imagine_code(tf.zeros([1, model.settings.code_size]))
    scenes = model.generate(3, temperature=[0.0, 0.0, 1.0], seed=_SEEDS)
    for row in (0, 1):
        np.testing.assert_allclose(scenes.code[row], mean.code[0], atol=1e-6)
    assert not np.allclose(scenes.code[2], mean.code[0], atol=1e-2)


def test_a_model_with_colours_draws_three_channels():
    model = tiny_scene_vae.build(colours="rgb")
    images = tiny_scenes.images(tiny_scenes.COLOURS)
    canvas = model.reconstruct(images).canvas
    assert canvas.shape == images.shape == (3, 16, 16, 3)
    assert np.all((canvas >= 0.0) & (canvas <= 1.0))


def test_canvases_start_dark():
    model = scene_vae.SceneVAE(tiny_scene_vae.SETTINGS)
    bias = model.decoder.last.bias
    np.testing.assert_array_equal(bias, np.full(bias.shape, -2.5))


def test_images_that_are_too_large_for_the_decoder_are_refused():
    with pytest.raises(ValueError, match="image_size.*at most 64 pixels"):
        tiny_scene_vae.build(image_size=128)


def test_there_are_no_objects_to_detect():
    listed = tiny_scene_vae.build().signatures(2)
    assert set(listed) == {
        *("reconstruct", "log_likelihood"),
        *("generate", "generate_tempered"),
    }
    found = listed["reconstruct"].function(images=tiny_scenes.images())
    assert set(found) == {"canvas", "code"}
