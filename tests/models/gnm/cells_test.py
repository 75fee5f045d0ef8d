import dataclasses

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.models.gnm import tiny_scenes
from tfdood.models.gnm import cells, random_numbers

tfd = tfp.distributions

_SETTINGS = tiny_scenes.SETTINGS


def _densities(rows=3):
    rng = np.random.default_rng(0)

    def normal(size):
        shape = [rows, 4, size]
        return tfd.Normal(
            np.float32(rng.normal(size=shape)),
            np.float32(rng.uniform(0.5, 2, shape)),
        )

    presence = tf.constant(rng.normal(size=[rows, 4]), tf.float32)
    return cells.CellDensities(presence, normal(4), normal(1), normal(3))


def _numbers(rows=3):
    drawn = random_numbers.draw(_SETTINGS, tf.constant([3, 4]), rows, 1)
    return random_numbers.Numbers(*(x[0] for x in drawn))


def test_samples_have_the_means_and_deviations_of_the_densities():
    rows = 4_000
    one = _densities(1)
    latents = one.sample(_numbers(rows))
    probability = 1 / (1 + np.exp(-one.presence[0]))
    np.testing.assert_allclose(
        np.mean(latents.presence, 0), probability, atol=0.03
    )
    assert set(np.unique(latents.presence)) == {0.0, 1.0}
    for density, sample in zip(one[1:], latents[1:], strict=True):
        np.testing.assert_allclose(
            np.mean(sample, 0), density.loc[0], atol=0.15
        )
        np.testing.assert_allclose(
            np.std(sample, 0), density.scale[0], rtol=0.06
        )


def test_central_numbers_give_the_mode():
    densities = _densities()
    latents = densities.sample(random_numbers.central(_SETTINGS, 3))
    np.testing.assert_array_equal(
        latents.presence, np.float32(densities.presence > 0)
    )
    for density, value in zip(densities[1:], latents[1:], strict=True):
        np.testing.assert_allclose(value, density.loc)


def test_log_prob_is_the_sum_over_cells_and_numbers():
    densities, latents = _densities(), _densities().sample(_numbers())
    probability = 1 / (1 + np.exp(-np.float64(densities.presence)))
    is_present = latents.presence.numpy() == 1.0
    expected = np.log(np.where(is_present, probability, 1 - probability))
    expected = expected.sum(-1)
    for density, value in zip(densities[1:], latents[1:], strict=True):
        loc, scale = density.loc.numpy(), density.scale.numpy()
        error = -0.5 * ((value.numpy() - loc) / scale) ** 2
        log_density = error - np.log(scale) - 0.5 * np.log(2 * np.pi)
        expected += log_density.sum((-2, -1))
    np.testing.assert_allclose(densities.log_prob(latents), expected, rtol=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_relaxed_presence_is_a_relaxed_bernoulli_variable(temperature):
    logit, count = 0.7, 20_000
    uniform = tf.constant((np.arange(count) + 0.5) / count, tf.float32)
    samples = cells.relaxed_presence(
        tf.constant(logit), uniform, temperature
    ).numpy()
    assert np.mean(samples > 0.5) == pytest.approx(
        1 / (1 + np.exp(-logit)), abs=1e-3
    )
    reference = tfd.RelaxedBernoulli(temperature, logits=logit)
    others = reference.sample(count, seed=0).numpy()
    quantiles = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(
        np.quantile(samples, quantiles),
        np.quantile(others, quantiles),
        atol=0.02,
    )


def test_relaxed_presence_is_finite_at_the_ends():
    samples = cells.relaxed_presence(
        tf.zeros([2]), tf.constant([0.0, 1.0]), 0.1
    )
    np.testing.assert_allclose(samples, [1.0, 0.0], atol=1e-6)


def test_boxes_start_in_the_middle_of_their_cells():
    where = tf.zeros([1, 9, 4])
    boxes = cells.placement(where, 3).boxes()[0].numpy()
    centres = 0.5 * (boxes[:, :2] + boxes[:, 2:])
    expected = [[(k % 3 + 0.5) / 3, (k // 3 + 0.5) / 3] for k in range(9)]
    np.testing.assert_allclose(centres, expected, atol=1e-6)
    np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], 0.5, atol=1e-6)


def test_placement_follows_its_formula():
    rng = np.random.default_rng(0)
    where = rng.normal(size=[5, 4, 4])
    placement = cells.placement(tf.constant(where, tf.float32), 2)
    scale = 1 / (1 + np.exp(-where[..., 0]))
    root = np.sqrt(np.exp(where[..., 1]))
    np.testing.assert_allclose(
        placement.scale, np.stack([scale / root, scale * root], -1), rtol=1e-5
    )
    cell = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    np.testing.assert_allclose(
        placement.shift,
        (2 / 2) * (cell + 0.5 + np.tanh(where[..., 2:])) - 1,
        atol=1e-5,
    )


def test_placement_is_finite_and_not_0_for_any_numbers():
    most = tf.constant([-1e4, 1e4])
    grid = tf.stack(tf.meshgrid(most, most, most, most), -1)
    found = cells.placement(tf.reshape(grid, [4, 4, 4]), 2)
    assert np.isfinite(found.scale).all() and np.min(found.scale) > 0.0
    assert np.isfinite(found.shift).all()


def test_the_network_starts_with_boxes_of_one_size():
    network = cells.CellNetwork(_SETTINGS)
    densities = network(tf.random.stateless_normal([2, 2, 2, 8], [0, 1]))
    expected = np.broadcast_to([-1.0, 0, 0, 0], [2, 4, 4])
    np.testing.assert_allclose(densities.where.loc, expected, atol=0.1)


def test_presences_have_a_limit_and_deviations_a_floor():
    settings = dataclasses.replace(_SETTINGS, std_floor=5.0)
    network = cells.CellNetwork(settings)
    for weight in network.presence.trainable_variables:
        weight.assign(100.0 * tf.ones_like(weight))
    densities = network(tf.random.stateless_normal([2, 2, 2, 8], [0, 1]))
    np.testing.assert_allclose(densities.presence.numpy().max(), 8.8, rtol=1e-5)
    for density in (densities.where, densities.depth, densities.what):
        assert 5.0 < np.min(density.scale) < 7.0


def test_a_cell_depends_on_its_own_features_alone_but_for_the_norm():
    network = cells.CellNetwork(_SETTINGS)
    features = tf.random.stateless_normal([1, 2, 2, 8], [0, 1])
    mirrored = network(features[:, :, ::-1])
    np.testing.assert_allclose(
        tf.gather(mirrored.what.loc, [1, 0, 3, 2], axis=1),
        network(features).what.loc,
        atol=1e-5,
    )
