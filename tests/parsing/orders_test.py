"""Tests of the search for the best order and directions."""

import itertools

import numpy as np
import pytest

from tfdood.parsing import orders


def score_of(steps, order, directions):
    drawn, last, total = 0, 2 * len(order), 0.0
    for stroke, direction in zip(order, directions, strict=True):
        total += steps[drawn, last, stroke, direction]
        drawn, last = drawn | 1 << stroke, 2 * stroke + direction
    return total


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_finds_what_trying_everything_finds(count):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        steps = rng.normal(size=(2**count, 2 * count + 1, count, 2))
        scores = {
            (order, directions): score_of(steps, order, directions)
            for order in itertools.permutations(range(count))
            for directions in itertools.product((0, 1), repeat=count)
        }
        plan = orders.best(steps)
        expected = max(scores, key=scores.get)
        assert (tuple(plan.order), tuple(plan.directions)) == expected
        np.testing.assert_allclose(plan.score, scores[expected])


def test_no_strokes_have_an_empty_plan():
    plan = orders.best(np.zeros((1, 1, 0, 2)))
    assert len(plan.order) == len(plan.directions) == 0
    assert plan.score == 0.0


def test_values_of_impossible_steps_do_not_count():
    steps = np.zeros((4, 5, 2, 2))
    steps[1, 0, 0] = 100.0  # Stroke 0 again.
    steps[2, 0, 0] = 100.0  # After stroke 0, of which the set knows nothing.
    steps[2, 2, 0, 1] = 1.0
    plan = orders.best(steps)
    assert list(plan.order) == [1, 0]
    assert plan.directions[1] == 1
    assert plan.score == 1.0
