import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.models.gnm import random_numbers

_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize(
    "settings", [tiny_scenes.SETTINGS, tiny_scenes.COLOURS]
)
def test_numbers_have_the_leading_dimensions_and_the_sizes(settings):
    drawn = random_numbers.draw(settings, _SEEDS, 3, 2)
    central = random_numbers.central(settings, 3)
    for many, few in zip(drawn, central, strict=True):
        assert many.shape == (2, *few.shape)
    shapes = [x.shape[1:] for x in central]
    background = 2 if settings.in_colour else 0
    assert shapes == [(4,), (6,), (4, 4), (4, 1), (4, 3), (background,)]


def test_numbers_of_a_row_depend_on_its_seed_alone():
    settings = tiny_scenes.SETTINGS
    together = random_numbers.draw(settings, _SEEDS, 3, 2)
    alone = random_numbers.draw(settings, _SEEDS[1:2], 1, 2)
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_array_equal(many[:, 1:2], one)
    assert not np.allclose(together.what[:, 0], together.what[:, 1])


def test_numbers_are_uniform_and_normal_and_independent():
    numbers = random_numbers.draw(
        tiny_scenes.COLOURS, tf.constant([0, 1]), 2_000, 1
    )
    presence = np.sort(np.ravel(numbers.presence))
    even = (np.arange(presence.size) + 0.5) / presence.size
    np.testing.assert_allclose(presence, even, atol=0.03)
    flat = np.concatenate(
        [np.reshape(x[0], [2_000, -1]) for x in numbers[1:]], 1
    )
    np.testing.assert_allclose(np.cov(flat.T), np.eye(40), atol=0.12)
    np.testing.assert_allclose(flat.mean(0), 0.0, atol=0.1)


def test_temperature_multiplies_all_but_the_presence():
    numbers = random_numbers.draw(tiny_scenes.COLOURS, _SEEDS, 3, 1)
    numbers = random_numbers.Numbers(*(x[0] for x in numbers))
    factors = np.float32([0.0, 0.5, 2.0])
    tempered = random_numbers.tempered(numbers, factors)
    np.testing.assert_array_equal(tempered.presence, numbers.presence)
    for new, old in zip(tempered[1:], numbers[1:], strict=True):
        for row, factor in enumerate(factors):
            np.testing.assert_allclose(new[row], factor * old[row])
