"""New characters of strokes of given ones."""

import numpy as np
import pytest

from tfdood.drawing.curves import bspline
from tfdood.evaluate.measures import repertoire
from tfdood.types import SplineStrokes

MOST = 4
NUMBERS = np.array([[2, 3], [2, 0], [0, 0]], np.int32)
POINTS = np.zeros([3, 2, MOST, 2], np.float32)
POINTS[0, 0, :2] = [[20, 30], [60, 30]]
POINTS[0, 1, :3] = [[40, 20], [45, 50], [30, 90]]
POINTS[1, 0, :2] = [[50, 20], [50, 70]]
CHARACTERS = SplineStrokes(POINTS, NUMBERS)


class Prior:
    """Starts at one pixel; likes the first control points far to the right.

    A stroke with more control points has a density of more dimensions.
    """

    def __init__(self, start=(30, 40), cost=6.0):
        self.start, self.cost = start, cost
        self.canvases = []

    def run(self, signature, **inputs):
        return getattr(self, signature)(**inputs)

    def next_stroke(self, control_points, num_control_points):
        del num_control_points
        density = np.full([len(control_points), 105, 105], 1e-9)
        density[:, self.start[1], self.start[0]] = 1.0
        return {"start_density": density}

    def score_stroke(self, canvas_before, control_points, num_control_points):
        self.canvases.append(canvas_before)
        drawn = canvas_before.sum((1, 2)) > 0.0
        return {
            "score": 0.1 * control_points[:, 0, 0]
            - self.cost * num_control_points
            - 1.0 * drawn
        }


def test_a_repertoire_has_all_strokes_at_the_origin():
    found = repertoire.of(Prior(), CHARACTERS)
    np.testing.assert_array_equal(found.number, [2, 3, 2])
    np.testing.assert_array_equal(found.counts, [2, 1])
    np.testing.assert_array_equal(found.is_whole, [False, False, True])
    starts = bspline.points(found.points, found.number, 2)[:, 0]
    np.testing.assert_allclose(starts, 0.0, atol=1e-5)
    offsets = np.diff(found.points[1, :3], axis=0)
    np.testing.assert_allclose(offsets, np.diff(POINTS[0, 1, :3], axis=0))
    assert np.all(found.points[0, 2:] == 0.0)


def test_levels_are_means_over_the_places_of_people():
    found = repertoire.of(Prior(), CHARACTERS)
    own = POINTS[[0, 0, 1], [0, 1, 0]]
    starts = bspline.points(own, found.number, 2)[:, 0].numpy()
    drawn = np.array([0.0, 1.0, 0.0])  # Only the second one is no first stroke.
    first = starts[:, np.newaxis, 0] + found.points[:, 0, 0]  # [place, stroke]
    densities = np.exp(0.1 * first - drawn[:, np.newaxis])
    expected = np.log(densities.mean(0)) - 6.0 * found.number
    np.testing.assert_allclose(found.level, expected, rtol=1e-5)


def test_new_characters_are_strokes_of_the_repertoire_where_they_may_start():
    prior = Prior()
    own = repertoire.of(prior, CHARACTERS)
    found = repertoire.draw(prior, own, 40, 0.5, (0, 1))
    points, numbers = found
    counts = (numbers > 0).sum(1)
    assert set(counts) == {1, 2}
    is_stroke = numbers > 0
    starts = bspline.points(points, numbers, 2)[:, :, 0].numpy()
    np.testing.assert_allclose(
        starts[is_stroke], [[30.5, 40.5]] * is_stroke.sum(), atol=1e-4
    )
    for stroke, number in zip(
        points[is_stroke], numbers[is_stroke], strict=True
    ):
        offsets = np.diff(stroke[:number], axis=0)
        assert any(
            count == number
            and np.allclose(np.diff(x[:count], axis=0), offsets, atol=1e-4)
            for x, count in zip(own.points, own.number, strict=True)
        )


def test_strokes_of_many_control_points_are_as_probable_as_others():
    """Their density is lower everywhere; the level takes this out."""
    prior = Prior(cost=50.0)
    own = repertoire.of(prior, CHARACTERS)
    found = repertoire.draw(prior, own, 300, 1.0, (0, 1))
    numbers = found.num_control_points[found.num_control_points > 0]
    # Each is a third of the strokes of pairs, and a half of single ones.
    assert np.mean(numbers == 3) == pytest.approx(0.39, abs=0.12)


def test_a_given_character_of_one_stroke_is_not_drawn_alone():
    prior = Prior()
    own = repertoire.of(prior, CHARACTERS)
    found = repertoire.draw(prior, own, 60, 1.0, (0, 1))
    offsets = np.diff(found.control_points[..., :2, :], axis=2)[..., 0, :]
    is_alone = (found.num_control_points > 0).sum(1) == 1
    is_down = np.all(np.abs(offsets[:, 0] - [0, 50]) < 1e-3, axis=-1)
    assert is_down.any()
    assert is_alone.any()
    assert not (is_down & is_alone).any()
    wholes = repertoire.of(prior, SplineStrokes(POINTS[1:2], NUMBERS[1:2]))
    found = repertoire.draw(prior, wholes, 20, 1.0, (0, 1))
    assert np.all((found.num_control_points > 0).sum(1) == 2)


def test_strokes_stay_on_the_page():
    prior = Prior(start=(30, 60))  # The long way down would leave it.
    own = repertoire.of(prior, CHARACTERS)
    found = repertoire.draw(prior, own, 60, 1.0, (0, 1))
    assert found.control_points.max() < 105.5
    assert 3 not in found.num_control_points


def test_later_strokes_see_earlier_ones_and_the_seed_decides():
    prior = Prior()
    own = repertoire.of(prior, CHARACTERS)
    prior.canvases.clear()
    found = repertoire.draw(prior, own, 10, 1.0, (3, 1))
    first, second = prior.canvases
    assert not first.any()
    assert second.any((1, 2)).all()
    again = repertoire.draw(prior, own, 10, 1.0, (3, 1))
    np.testing.assert_array_equal(found.control_points, again.control_points)
    other = repertoire.draw(prior, own, 10, 1.0, (4, 1))
    assert not np.array_equal(
        found.num_control_points, other.num_control_points
    )


def test_characters_without_strokes_are_refused():
    nothing = SplineStrokes(POINTS, np.zeros_like(NUMBERS))
    with pytest.raises(ValueError, match="None of 3 characters has a stroke"):
        repertoire.of(Prior(), nothing)
