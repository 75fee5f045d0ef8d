import itertools

import numpy as np
import pytest

from tfdood.data import arrangements

_INK = (3, 4, 25, 24)
_NAMES = tuple(arrangements.ARRANGEMENTS)


def _boxes(arrangement, ink, seed=0, count=400):
    """Places of digits whose ink has this box, and the boxes of the ink."""
    inks = np.tile(ink, (count, len(arrangement.classes), 1))
    rng = np.random.default_rng(seed)
    places = arrangements.places(arrangement, inks, rng)
    return places, inks + np.tile(places, 2)


def test_arrangements_are_those_of_the_paper():
    names = {n: [a.name for a in arrangements.of(n)] for n in _NAMES}
    assert names["mnist_4"] == [
        *("0 1 2 3", "1 2 3 4", "2 3 4 5", "3 4 5 6", "4 5 6 7", "5 6 7 8"),
        "6 7 8 9",
    ]
    assert names["mnist_10"] == [
        *("01 234 89 567", "01 567 89 234"),
        *("89 234 01 567", "89 567 01 234"),
    ]
    assert names["mnist_4_10"] == names["mnist_4"] + names["mnist_10"]


@pytest.mark.parametrize("number", range(11))
def test_digits_lie_in_their_quadrants(number):
    arrangement = arrangements.of("mnist_4_10")[number]
    places, _ = _boxes(arrangement, _INK)
    sizes = [len(part) for part in arrangement.quadrants]
    columns = np.split(places, np.cumsum(sizes)[:-1], axis=1)
    left_top = [(0, 0), (1, 0), (1, 1), (0, 1)]
    for part, corner in zip(columns, left_top, strict=True):
        low = 64 * np.array(corner)
        assert (part >= low).all() and (part + 28 <= low + 64).all()
        # Every place is possible: the ends are reached, or nearly.
        assert (part.min((0, 1)) - low).max() <= 2
        assert (low + 36 - part.max((0, 1))).max() <= 2


def test_places_of_four_mirror_each_other_in_the_centre_lines():
    places, _ = _boxes(arrangements.of("mnist_4")[2], _INK)
    centres = places + 14 - 64  # from the centre of the scene
    first = centres[:, 0]
    for column, signs in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        np.testing.assert_array_equal(centres[:, column], first * signs)


def test_opposite_pairs_of_ten_have_the_same_places():
    for arrangement in arrangements.of("mnist_10"):
        places, _ = _boxes(arrangement, _INK)
        np.testing.assert_array_equal(places[:, :2] + 64, places[:, 5:7])
        # The other two quadrants are free.
        free = places[:, 2:5] - places[:, 7:10] - [64, -64]
        assert np.abs(free).mean() > 5


@pytest.mark.parametrize("ink", [_INK, (4, 4, 24, 24), (10, 4, 14, 24)])
def test_ink_of_ten_digits_keeps_apart(ink):
    _, boxes = _boxes(arrangements.of("mnist_10")[1], ink)
    empty = np.zeros((len(boxes), 130, 130), np.int64)
    for scene, own in enumerate(boxes):
        for x0, y0, x1, y1 in own:
            # Two pixels of gap: boxes one pixel larger do not overlap.
            empty[scene, y0 : y1 + 2, x0 : x1 + 2] += 1
    assert empty.max() == 1


def test_near_boxes_are_not_apart():
    first = [0, 0, 10, 10]
    for shift, axis in itertools.product(range(14), (0, 1)):
        second = np.array(first)
        second[[axis, axis + 2]] += shift
        boxes = np.array([[first, second], [second, first]])
        expected = [shift >= 12] * 2
        assert arrangements._are_apart(boxes).tolist() == expected


def test_seed_decides_the_places():
    arrangement = arrangements.of("mnist_10")[0]
    first, second, other = (
        _boxes(arrangement, _INK, seed)[0] for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
