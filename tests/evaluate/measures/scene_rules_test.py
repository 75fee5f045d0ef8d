import numpy as np
import pytest

from tfdood import data
from tfdood.data import scenes
from tfdood.evaluate.measures import scene_rules

_ALL = tuple(data.SCENES)


def _true(name):
    """Centres, digits and whether they are there, of real scenes."""
    made = data.read_scenes(name, "test", image_size=16).first(200)
    centres = (made.boxes[..., :2] + made.boxes[..., 2:]) / 2.0
    return centres, made.labels, made.labels != scenes.NO_OBJECT


@pytest.mark.parametrize("name", _ALL)
def test_real_scenes_obey_their_rule(name):
    verdict = scene_rules.judge(name, *_true(name))
    assert verdict.digits.all()
    assert verdict.scene.all()


@pytest.mark.parametrize("name", _ALL)
def test_order_of_objects_does_not_matter(name):
    centres, labels, is_there = _true(name)
    order = np.random.default_rng(0).permutation(labels.shape[1])
    verdict = scene_rules.judge(
        name, centres[:, order], labels[:, order], is_there[:, order]
    )
    assert verdict.scene.all()


@pytest.mark.parametrize("name", _ALL)
def test_a_wrong_or_missing_digit_breaks_the_rule(name):
    centres, labels, is_there = _true(name)
    column = np.arange(labels.shape[1])
    for read, shown in (
        (np.where(column == 1, 9 - labels, labels), is_there),
        (labels, is_there & (column != 2)),
    ):
        verdict = scene_rules.judge(name, centres, read, shown)
        assert not verdict.digits.any()
        assert not verdict.scene.any()


def test_digits_of_another_set_are_refused_unless_it_is_the_union():
    four, ten = _true("mnist_4"), _true("mnist_10")
    assert not scene_rules.judge("mnist_10", *four).digits.any()
    assert not scene_rules.judge("mnist_4", *ten).digits.any()
    for part in (four, ten):
        assert scene_rules.judge("mnist_4_10", *part).scene.all()


def test_digits_in_another_direction_are_refused():
    centres, labels, is_there = _true("mnist_4")
    mirrored = centres * [-1, 1] + [1, 0]
    assert not scene_rules.judge("mnist_4", mirrored, labels, is_there)[0].any()
    # Turned by half, the order around the centre is kept, the start is not.
    turned = scene_rules.judge("mnist_4", 1.0 - centres, labels, is_there)
    assert not turned.digits.any()


def _four(centre, moved=(0.0, 0.0)):
    """Digits 3 4 5 6 around the centre; the third one is moved."""
    x, y = centre
    centres = np.array([(x, y), (1 - x, y), (1 - x, 1 - y), (x, 1 - y)])
    centres[2] += moved
    return centres[None], np.array([[3, 4, 5, 6]]), np.ones((1, 4), bool)


@pytest.mark.parametrize("axis", [0, 1])
def test_places_may_differ_by_the_tolerance(axis):
    for factor, expected in ((0.9, True), (-0.9, True), (1.1, False)):
        moved = np.zeros(2)
        moved[axis] = factor * scene_rules.TOLERANCE
        verdict = scene_rules.judge("mnist_4", *_four((0.25, 0.3), moved))
        assert verdict.digits.tolist() == [True]
        assert verdict.scene.tolist() == [expected]


def test_pairs_of_ten_must_have_equal_places_in_some_order():
    centres, labels, is_there = (array.copy() for array in _true("mnist_10"))
    # The columns 0, 1 and 5, 6 are the pairs, see `Arrangement.classes`.
    crossed = centres.copy()
    crossed[:, [5, 6]] = centres[:, [6, 5]]
    verdict = scene_rules.judge("mnist_10", crossed, labels, is_there)
    assert verdict.scene.all()
    moved = centres.copy()
    moved[:, 5] += np.where(moved[:, 5] < 0.75, 0.2, -0.2)
    verdict = scene_rules.judge("mnist_10", moved, labels, is_there)
    assert verdict.digits.all()
    assert verdict.scene.mean() < 0.1
    # The other quadrants are free.
    free = centres.copy()
    free[:, 2:5] = np.where(free[:, 2:5] > 0.5, 0.9, 0.1)
    assert scene_rules.judge("mnist_10", free, labels, is_there).scene.all()
