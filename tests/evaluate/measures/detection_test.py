import numpy as np
import pytest

from tfdood.evaluate.measures import detection
from tfdood.evaluate.measures.detection import Boxes, Objects


def _random_boxes(rng, *shape):
    ends = rng.random((*shape, 2, 2))
    return np.sort(ends, axis=-2).reshape(*shape, 4)


def _scenes(seed, count=30, num_found=5, num_objects=4):
    """Objects, and boxes near some of them."""
    rng = np.random.default_rng(seed)
    true = _random_boxes(rng, count, num_objects)
    found = _random_boxes(rng, count, num_found)
    found[:, :3] = true[:, :3] + rng.normal(scale=0.03, size=(count, 3, 4))
    is_there = rng.random((count, num_objects)) < 0.8
    return Boxes(found, rng.random((count, num_found))), Objects(true, is_there)


def test_overlap_is_that_of_the_shares_of_a_fine_grid():
    rng = np.random.default_rng(0)
    a, b = _random_boxes(rng, 6), _random_boxes(rng, 5)
    ticks = (np.arange(400) + 0.5) / 400
    inside = [
        (
            ((ticks > boxes[:, :1]) & (ticks < boxes[:, 2:3]))[:, None]
            & ((ticks > boxes[:, 1:2]) & (ticks < boxes[:, 3:]))[..., None]
        )
        for boxes in (a, b)
    ]
    first, second = inside[0][:, None], inside[1][None]
    shared, union = (first & second).sum((2, 3)), (first | second).sum((2, 3))
    np.testing.assert_allclose(
        detection.overlaps(a, b), shared / union, atol=0.02
    )
    empty = np.zeros((1, 4))
    assert detection.overlaps(empty, empty) == 0.0


def _matched_one_by_one(found, objects, threshold):
    """The same matching, box by box."""
    matched = np.full(found.scores.shape, -1)
    overlap = detection.overlaps(found.boxes, objects.boxes)
    for scene, scores in enumerate(found.scores):
        free = set(np.flatnonzero(objects.is_there[scene]))
        for box in sorted(range(len(scores)), key=lambda p: -scores[p]):
            fits = {o: overlap[scene, box, o] for o in free}
            best = max(fits, key=fits.get, default=None)
            if best is not None and fits[best] >= threshold:
                matched[scene, box] = best
                free.remove(best)
    return matched


@pytest.mark.parametrize("threshold", [0.5, 0.8])
def test_boxes_with_large_scores_are_matched_first(threshold):
    found, objects = _scenes(0)
    matched = detection.matches(found, objects, threshold)
    np.testing.assert_array_equal(
        matched, _matched_one_by_one(found, objects, threshold)
    )
    assert (matched >= 0).any() and (matched < 0).any()


def test_a_second_box_on_an_object_is_false():
    box = [0.1, 0.1, 0.4, 0.4]
    found = Boxes(np.array([[box, box, box]]), np.array([[0.2, 0.9, 0.0]]))
    objects = Objects(np.array([[box]]), np.ones((1, 1), bool))
    assert detection.matches(found, objects, 0.5).tolist() == [[-1, 0, -1]]
    nothing = objects._replace(is_there=np.zeros((1, 1), bool))
    assert detection.matches(found, nothing, 0.5).tolist() == [[-1, -1, -1]]


def _precision_at_recalls(scores, is_matched, num_objects):
    """The definition, by a loop over recalls."""
    order = np.argsort(-scores)
    matched = np.cumsum(is_matched[order])
    precision = matched / np.arange(1, len(scores) + 1)
    recall = matched / num_objects
    return np.mean(
        [
            max(precision[recall >= r - 1e-9], default=0.0)
            for r in np.arange(101) / 100
        ]
    )


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_that_of_its_definition(seed):
    rng = np.random.default_rng(seed)
    scores, is_matched = rng.random(40), rng.random(40) < 0.6
    num_objects = int(is_matched.sum()) + seed
    found = detection.average_precision(
        scores.reshape(8, 5), is_matched.reshape(8, 5), num_objects
    )
    expected = _precision_at_recalls(scores, is_matched, num_objects)
    assert found == pytest.approx(expected)


def test_average_precision_of_simple_cases():
    def value(scores, is_matched, num_objects):
        return detection.average_precision(
            np.array([scores]), np.array([is_matched]), num_objects
        )

    assert value([0.9, 0.8], [True, True], 2) == 1.0
    # Boxes of score 0 are no detections.
    assert value([0.9, 0.0], [True, False], 1) == 1.0
    assert value([0.9, 0.8], [False, False], 2) == 0.0
    # Half of the objects are found without a mistake: recalls 0 to .50.
    assert value([0.9], [True], 2) == pytest.approx(51 / 101)
    # The mistake comes first: precision 1/2 at recall 1.
    assert value([0.9, 0.8], [False, True], 1) == pytest.approx(0.5)


def test_perfect_boxes_have_full_precision_and_shifted_ones_less():
    found, objects = _scenes(1)
    perfect = Boxes(objects.boxes, objects.is_there.astype(float))
    for value in detection.measure(perfect, objects).values():
        assert value == (1.0, 0.0, 30)
    # A shift by a quarter of the width: an overlap of .6 for all boxes.
    boxes = np.tile([0.2, 0.2, 0.6, 0.6], (30, 1, 1))
    shifted = Boxes(boxes + [0.1, 0, 0.1, 0], np.ones((30, 1)))
    objects = Objects(boxes, np.ones((30, 1), bool))
    values = detection.measure(shifted, objects)
    assert values["average_precision_50"].value == 1.0
    assert values["average_precision"].value == pytest.approx(0.3)


def test_standard_error_is_that_of_other_scenes():
    values = [
        detection.measure(*_scenes(seed, count=200))["average_precision_50"]
        for seed in range(20)
    ]
    spread = np.std([value.value for value in values], ddof=1)
    errors = np.mean([value.standard_error for value in values])
    assert 0.5 < errors / spread < 2.0
