"""Exemplars of parses that were searched."""

import numpy as np
import pytest

from tfdood.evaluate.measures import redrawing
from tfdood.parsing import seeds


def _line(x):
    image = np.zeros([105, 105, 1], np.float32)
    image[20:80, x - 1 : x + 2] = 1.0
    return image


IMAGES = np.stack([_line(30), _line(60)])


def test_parses_are_chosen_by_their_weights_at_a_high_temperature():
    scores = np.tile([-100.0, -108.0, -np.inf], [1, 1])
    row_seeds = seeds.of_rows(2_000, 0).reshape(1, 2_000, 2)
    chosen = redrawing.choose(scores, row_seeds)
    assert chosen.shape == (1, 2_000)
    assert chosen.max() == 1
    expected = np.exp(-1.0) / (1.0 + np.exp(-1.0))
    assert chosen.mean() == pytest.approx(expected, abs=0.04)
    some = redrawing.choose(scores, row_seeds[:, 5:9])
    np.testing.assert_array_equal(some, chosen[:, 5:9])


def test_ink_is_what_is_more_probable():
    canvas = np.array([0.0, 0.4, 0.6, 1.0])
    np.testing.assert_array_equal(redrawing.binary(canvas), [0, 0, 255, 255])


def test_only_samples_of_spline_models_are_binary():
    sample = {"canvas": np.array([0.0, 0.4, 0.6, 1.2])}
    grey = redrawing.pixels(sample)
    np.testing.assert_array_equal(grey, [0, 102, 153, 255])
    binary = redrawing.pixels(sample | {"num_control_points": np.ones([1])})
    np.testing.assert_array_equal(binary, [0, 0, 255, 255])


def test_exemplars_move_and_reconstructions_do_not(make_search):
    job = make_search("exemplars")
    row_seeds = seeds.of_rows(8, 1).reshape(2, 4, 2)
    found = redrawing.redraw(job, IMAGES, row_seeds, 0)
    assert found.exemplars.shape == (2, 4, 105, 105, 1)
    again = found.reconstructions > 0
    overlap = (again & (IMAGES > 0.5)).sum((1, 2, 3)) / IMAGES.sum((1, 2, 3))
    assert np.all(overlap > 0.8)
    different = np.abs(np.diff(found.exemplars.astype(int), axis=1))
    assert np.all(different.sum((2, 3, 4)) > 0)
    alone = redrawing.redraw(job, IMAGES[1:], row_seeds[1:], 0)
    np.testing.assert_array_equal(alone.exemplars, found.exemplars[1:])


def test_a_network_samples_its_own_parses(make_job):
    job = make_job("exemplars")
    images = job.drawings(2).images
    row_seeds = seeds.of_rows(6, 2).reshape(2, 3, 2)
    found = redrawing.redraw(job, images, row_seeds, 0)
    expected = job.model.run(
        "exemplars", images=images[1:], seeds=row_seeds[1:, 2]
    )["canvas"]
    difference = found.exemplars[1, 2] / 255.0 - expected[0]
    assert np.abs(difference).max() < 0.01
