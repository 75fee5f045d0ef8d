import numpy as np
import pytest
import scipy.stats

from tfdood.drawing.curves import bspline
from tfdood.evaluate.measures import naive_strokes
from tfdood.types import SplineStrokes


def _strokes(num_drawings: int, seed: int) -> SplineStrokes:
    """Drawings of one to three strokes; some strokes are dots."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(1, 6, [num_drawings, 3])
    numbers[np.arange(3) > rng.integers(0, 3, [num_drawings, 1])] = 0
    points = rng.uniform(10.0, 90.0, [num_drawings, 3, 5, 2])
    points[np.arange(5) >= numbers[..., np.newaxis]] = 0.0
    return SplineStrokes(np.float32(points), np.int32(numbers))


@pytest.fixture(name="training")
def _training():
    return _strokes(200, seed=0)


@pytest.fixture(name="strokes")
def _some_strokes():
    return _strokes(10, seed=1)


def _each_stroke(strokes: SplineStrokes):
    """The number of the drawing, and the control points of a stroke."""
    for row, (points, numbers) in enumerate(zip(*strokes, strict=True)):
        for own, number in zip(points, numbers, strict=True):
            if number:
                yield row, own[:number]


def _starts(strokes):
    ends = [
        bspline.basis(len(own), 2)[0] @ own for _, own in _each_stroke(strokes)
    ]
    return np.array(ends)


def _log_density(known, value):
    normal = scipy.stats.multivariate_normal(np.mean(known, 0), np.cov(known.T))
    return normal.logpdf(value)


def test_starts_cost_what_a_loop_finds(training, strokes):
    found = naive_strokes.nats(training, strokes)
    known = _starts(training)
    expected = np.zeros(10)
    for (row, _), start in zip(
        _each_stroke(strokes), _starts(strokes), strict=True
    ):
        expected[row] -= _log_density(known, start)
    np.testing.assert_allclose(found["start_of_gaussian"], expected, rtol=1e-4)
    counts = (strokes.num_control_points > 0).sum(1)
    np.testing.assert_allclose(
        found["start_of_uniform"], counts * np.log(105.0 * 105.0)
    )


def test_offsets_and_ends_cost_what_a_loop_finds(training, strokes):
    found = naive_strokes.nats(training, strokes)
    known = [np.diff(own, axis=0) for _, own in _each_stroke(training)]
    share = len(known) / sum(len(x) + 1 for x in known)
    first = np.array([x[0] for x in known if len(x)])
    turned = [_frame(x[:-1]) @ x[1:, :, np.newaxis] for x in known]
    turned = np.concatenate(turned)[..., 0]
    walk, turns = np.zeros(10), np.zeros(10)
    for row, own in _each_stroke(strokes):
        offsets = np.diff(own, axis=0)
        ends = np.log(share) + len(offsets) * np.log1p(-share)
        walk[row] -= ends
        turns[row] -= ends
        for step, offset in enumerate(offsets):
            walk[row] -= _log_density(np.concatenate(known), offset)
            if step == 0:
                turns[row] -= _log_density(first, offset)
            else:
                frame = _frame(offsets[step - 1][np.newaxis])[0]
                turns[row] -= _log_density(turned, frame @ offset)
    np.testing.assert_allclose(
        found["offset_of_gaussian_walk"], walk, rtol=1e-4
    )
    np.testing.assert_allclose(found["offset_of_turned_walk"], turns, rtol=1e-4)


def _frame(before: np.ndarray) -> np.ndarray:
    """Rotations `[M, 2, 2]` that turn offsets to the right."""
    angle = np.arctan2(before[:, 1], before[:, 0])
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)


def test_stops_cost_what_shares_of_training_drawings_say(training):
    counts = (training.num_control_points > 0).sum(1)
    found = naive_strokes.nats(training, training)
    share = len(counts) / (counts + 1).sum()
    np.testing.assert_allclose(
        found["stop_of_share"],
        -counts * np.log1p(-share) - np.log(share),
    )
    # Nearly the shares of drawings with as many strokes.
    for number in np.unique(counts):
        nats = found["stop_of_counts"][counts == number][0]
        assert np.exp(-nats) == pytest.approx(
            np.mean(counts == number), abs=0.02
        )
    assert found["stop_of_counts"].sum() < found["stop_of_share"].sum()


def test_more_strokes_than_any_training_drawing_has_cost_a_finite_number():
    one = SplineStrokes(
        np.float32(np.random.default_rng(0).uniform(20, 80, [9, 1, 3, 2])),
        np.full([9, 1], 3, np.int32),
    )
    found = naive_strokes.nats(one, _strokes(10, seed=1))
    assert all(np.all(np.isfinite(value)) for value in found.values())


@pytest.mark.parametrize("number", [1, 2])
def test_one_stroke_of_one_offset_or_none_costs_a_number(training, number):
    points = np.full([1, 3, 5, 2], 50.0, np.float32)
    strokes = SplineStrokes(points, np.int32([[number, 0, 0]]))
    found = naive_strokes.nats(training, strokes)
    assert np.isfinite(list(found.values())).all()
    assert {len(nats) for nats in found.values()} == {1}
