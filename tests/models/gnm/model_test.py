import dataclasses
import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.models import unbiased
from tests.models.gnm import tiny_scenes
from tfdood import models
from tfdood.models.gnm import cells, random_numbers
from tfdood.settings import presets

_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize(
    ("dataset", "count"), [("mnist_4", 2_930_708), ("arrow_like", 8_636_446)]
)
def test_the_preset_of_the_paper_has_the_published_parameter_count(
    dataset, count
):
    model = models.build(presets.get("gnm_paper", dataset).model)
    sizes = [np.prod(v.shape) for v in model.trainable_variables]
    assert sum(sizes) == count


def _without_noise(layer, std_logit=-30.0):
    """Makes the output of a head constant, with a tiny deviation."""
    layer.kernel.assign(tf.zeros_like(layer.kernel))
    half = layer.bias.shape[0] // 2
    std = tf.fill([half], std_logit)
    layer.bias.assign(tf.concat([layer.bias[:half], std], 0))


def _with_constants(prior, posterior):
    """Makes the outputs of two MLPs constant: q is wider than p, and moved."""
    for mlp, mean, std_logit in ((prior, 0.0, 0.0), (posterior, 0.2, 0.3)):
        last = mlp.dense[-1]
        last.kernel.assign(tf.zeros_like(last.kernel))
        size = last.bias.shape[0] // 2
        last.bias.assign([mean] * size + [std_logit] * size)


def _enumerable(settings):
    """A model whose image is a function of the presences of four cells.

    All other latents are constants, or do not change the image. p and q of the
    presences differ, and so do p and q of the other codes.
    """
    settings = dataclasses.replace(settings, std_floor=1e-6, pixel_std=1.0)
    model = tiny_scenes.fresh(settings)
    for layer in (model.cells.where, model.cells.depth, model.cells.what):
        _without_noise(layer)
    # Probabilities near 0 or 1 would make the weights heavy-tailed.
    for weight in (model.cells.presence.kernel, model.cells.presence.bias):
        weight.assign(0.1 * weight)
    code = model.scene_code
    _with_constants(code.prior.mlp, code.posterior.mlp)
    output = model.scene_code.output_layer  # Its code does not matter.
    output.kernel.assign(tf.zeros_like(output.kernel))
    if settings.in_colour:
        behind = model.background
        _with_constants(behind.prior_mlp, behind.posterior_mlp)
        first = behind.decoder.blocks[0].convolution
        first.kernel.assign(tf.zeros_like(first.kernel))
    return model


@pytest.mark.parametrize(
    "settings",
    [
        tiny_scenes.SETTINGS,
        pytest.param(tiny_scenes.COLOURS, marks=pytest.mark.slow),
    ],
)
def test_the_mean_weight_is_the_marginal_likelihood(settings):
    model = _enumerable(settings)
    image = tiny_scenes.images(settings, 1)
    sample = model.scene_code(tf.zeros([1, 6]), None)
    prior = model.cells(sample.features)
    log_joint = []
    for presence in itertools.product([0.0, 1.0], repeat=4):
        latents = cells.CellLatents(
            tf.constant([presence]), *(d.loc for d in prior[1:])
        )
        code = tf.zeros([1, 2]) if settings.in_colour else None
        canvas = model.paint(latents, code)
        signs = 2.0 * np.array(presence) - 1.0
        logits = prior.presence[0].numpy()
        log_prior = -np.sum(np.log1p(np.exp(-signs * logits)))
        log_joint.append(model.log_likelihood(image, canvas) + log_prior)
    exact = tf.reduce_logsumexp(log_joint)
    posterior = model.cells(model.encoder(image)).presence
    assert np.max(np.abs(posterior - prior.presence)) > 0.1
    unbiased.check(model, image, exact)


def test_a_cold_relaxed_presence_gives_the_weights_of_0_or_1():
    model, images = tiny_scenes.build(), tiny_scenes.images()
    hard = model.log_weights(images, 4, _SEEDS)
    cold = model.log_weights(images, 4, _SEEDS, 1e-5)
    np.testing.assert_allclose(cold, hard, rtol=1e-3)
    warm = model.log_weights(images, 4, _SEEDS, 0.5)
    assert np.abs(warm - hard).max() > 1.0
    listed = model.signatures(4)["relaxed_log_likelihood"]
    found = listed.function(images=images, seeds=_SEEDS)
    np.testing.assert_allclose(found["log_weights"], tf.transpose(warm), 1e-5)


def test_scenes_of_codes_have_the_mode_of_all_else():
    model = tiny_scenes.build(tiny_scenes.COLOURS)
    drawn = random_numbers.draw(model.settings, _SEEDS, 3, 1)
    scenes = model.imagine_code(drawn.code[0])
    for found, expected in zip(
        scenes, model.generate(3, seed=_SEEDS), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_weights_of_an_image_depend_on_its_seed_alone():
    model, images = tiny_scenes.build(), tiny_scenes.images()
    together = model.log_weights(images, 2, _SEEDS)
    alone = model.log_weights(images[1:2], 2, _SEEDS[1:2])
    np.testing.assert_allclose(together[:, 1:2], alone, rtol=1e-4)


@pytest.mark.parametrize(
    "settings", [tiny_scenes.SETTINGS, tiny_scenes.COLOURS]
)
def test_a_reconstruction_is_drawn_from_its_parts(settings):
    model, images = tiny_scenes.build(settings), tiny_scenes.images(settings)
    scene = model.reconstruct(images)
    assert scene.canvas.shape == images.shape
    assert scene.boxes.shape == (3, 4, 4)
    assert scene.what.shape == (3, 4, 3)
    densities = model.cells(model.encoder(images))
    probability = 1 / (1 + np.exp(-densities.presence.numpy()))
    np.testing.assert_allclose(scene.presence, probability, rtol=1e-5)
    np.testing.assert_allclose(scene.what, densities.what.loc)
    np.testing.assert_allclose(scene.depth, densities.depth.loc[..., 0])
    counts = model.counts(scene)["num_objects"]
    np.testing.assert_array_equal(counts, np.sum(probability > 0.5, -1))


def test_a_scene_without_objects_is_black():
    model = tiny_scenes.fresh()
    model.cells.presence.bias.assign([-1e3])
    assert not np.any(model.reconstruct(tiny_scenes.images()).canvas)


@pytest.mark.parametrize("scene", ["mode", "sample"])
@pytest.mark.parametrize("prior", ["mlp", "convolutional", "gaussian"])
def test_scenes_depend_on_their_seeds_and_not_on_the_batch(prior, scene):
    model = tiny_scenes.build(scene_prior=prior, generated_scene=scene)
    together = model.generate(3, seed=_SEEDS)
    alone = model.generate(1, seed=_SEEDS[1:2])
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_allclose(many[1:2], one, atol=1e-4)
    assert not np.allclose(together.what[0], together.what[1], atol=1e-2)


def test_without_temperature_all_scenes_are_the_mode():
    model = tiny_scenes.build(tiny_scenes.COLOURS)
    scenes = model.generate(3, temperature=0.0, seed=_SEEDS)
    for value in scenes:
        np.testing.assert_allclose(value[0], value[1], atol=1e-6)
    other = model.generate(3, temperature=[0.0, 1.0, 1.0], seed=_SEEDS)
    np.testing.assert_allclose(other.what[0], scenes.what[0], atol=1e-6)
    assert not np.allclose(other.what[1], scenes.what[1], atol=1e-2)


def test_the_mode_of_a_scene_is_a_function_of_its_code():
    model = tiny_scenes.build(tiny_scenes.COLOURS)
    scenes = model.generate(3, seed=_SEEDS)
    drawn = random_numbers.draw(model.settings, _SEEDS, 3, 1)
    densities = model.cells(model.scene_code(drawn.code[0], None).features)
    np.testing.assert_allclose(scenes.what, densities.what.loc, atol=1e-5)
    np.testing.assert_allclose(
        scenes.presence, tf.sigmoid(densities.presence), rtol=1e-4
    )


def test_sampled_presences_have_the_probabilities_of_the_prior():
    model = tiny_scenes.fresh(generated_scene="sample")
    output = model.scene_code.output_layer
    output.kernel.assign(tf.zeros_like(output.kernel))
    scenes = model.generate(2_000, seed=tf.constant([1, 2]))
    features = model.scene_code(tf.zeros([1, 6]), None).features
    probability = tf.sigmoid(model.cells(features).presence)[0]
    np.testing.assert_allclose(
        np.mean(scenes.presence, 0), probability, atol=0.05
    )
    assert set(np.unique(scenes.presence)) == {0.0, 1.0}


def test_detect_is_the_reconstruction_without_the_canvas():
    model, images = tiny_scenes.build(), tiny_scenes.images()
    listed = model.signatures(2)
    assert set(listed) == {
        "reconstruct",
        "detect",
        "log_likelihood",
        "relaxed_log_likelihood",
        "generate",
        "generate_tempered",
    }
    found = listed["detect"].function(images=images)
    whole = listed["reconstruct"].function(images=images)
    assert set(whole) - set(found) == {"canvas"}
    for name, value in found.items():
        np.testing.assert_allclose(value, whole[name], rtol=1e-5, atol=1e-5)


def test_held_presences_do_not_depend_on_the_posterior():
    model = tiny_scenes.build(tiny_scenes.COLOURS)
    features = model.encoder(tiny_scenes.images(tiny_scenes.COLOURS))
    drawn = random_numbers.draw(model.settings, _SEEDS, 3, 1)
    numbers = random_numbers.Numbers(*(x[0] for x in drawn))
    for is_opaque in (True, False):
        found = model.explain(features, numbers, 0.5, is_opaque, is_held=True)
        presence = found.latents.presence.numpy()
        expected = 1.0 if is_opaque else numbers.presence.numpy() > 0.5
        np.testing.assert_array_equal(
            presence, np.broadcast_to(expected, presence.shape)
        )
    own = model.explain(features, numbers, 0.5).latents.presence
    assert np.all((own > 0.0) & (own < 1.0))


def test_images_with_colours_have_three_channels():
    for settings, channels in (
        (tiny_scenes.SETTINGS, 1),
        (tiny_scenes.COLOURS, 3),
    ):
        assert tiny_scenes.build(settings).image_input.shape == (
            16,
            16,
            channels,
        )
