"""Agreement of strokes, for strokes whose agreement is known."""

import itertools

import numpy as np
import pytest

from tfdood.drawing.curves import polylines
from tfdood.evaluate.measures import distances, stroke_agreement


def _line(start, end, count=7):
    return np.linspace(start, end, count)


def _random_strokes(count, seed=0):
    rng = np.random.default_rng(seed)
    return [np.cumsum(rng.normal(0, 0.1, [9, 2]), 0) for _ in range(count)]


def _ring(start=0.0, turns=1.0, radius=0.3):
    angle = start + np.linspace(0, turns * 2 * np.pi, 80)
    return 0.5 + radius * np.stack([np.cos(angle), np.sin(angle)], -1)


def test_the_same_strokes_agree_in_any_order_and_direction():
    strokes = _random_strokes(4)
    chosen = [2, 0, 3, 1]
    others = [strokes[i][::-1] for i in chosen]
    found = stroke_agreement.match(strokes, others)
    np.testing.assert_allclose(found.distances, 0.0, atol=1e-9)
    np.testing.assert_array_equal(found.pairs[:, 1], np.argsort(chosen))
    assert found.f_score == pytest.approx(1.0)


def test_shifted_strokes_are_as_far_as_they_were_shifted():
    strokes = [_line([0, 0], [1, 0]), _line([0, 0.5], [1, 0.5])]
    moved = [s + [0.0, 0.03] for s in strokes]
    found = stroke_agreement.match(strokes, moved)
    np.testing.assert_allclose(found.distances, 0.03)


def test_matching_has_the_smallest_sum_of_distances():
    rng = np.random.default_rng(1)
    a, b = ([_line(*rng.random([2, 2])) for _ in range(n)] for n in (3, 5))
    cost = np.array(
        [
            [
                distances.chamfer(
                    polylines.resample(x, 50), polylines.resample(y, 50)
                )
                for y in b
            ]
            for x in a
        ]
    )
    best = min(
        sum(cost[i, j] for i, j in enumerate(choice))
        for choice in itertools.permutations(range(5), 3)
    )
    found = stroke_agreement.match(a, b)
    assert found.distances.sum() == pytest.approx(best)
    assert found.counts == (3, 5)


def test_missing_and_surplus_strokes_lower_the_f_score():
    near, far = _line([0, 0], [1, 0]), _line([0, 0.9], [1, 0.9])
    found = stroke_agreement.match([near, far], [near + [0.0, 0.01]])
    assert found.f_score == pytest.approx(2 * 1 / 3)
    assert stroke_agreement.match([near], [far]).f_score == 0.0
    nothing = stroke_agreement.match([near], [])
    assert nothing.f_score == 0.0 and not len(nothing.distances)


@pytest.mark.parametrize("chosen", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]])
def test_order_counts_the_pairs_in_and_out_of_order(chosen):
    signs = [
        np.sign(chosen[j] - chosen[i])
        for i, j in itertools.combinations(range(3), 2)
    ]
    pairs = np.stack([np.arange(3), chosen], -1)
    expected = pytest.approx(np.mean(signs))
    assert stroke_agreement.order(pairs) == expected
    assert stroke_agreement.order(pairs[:, ::-1]) == expected
    assert stroke_agreement.order(pairs[[1, 0, 2]]) == expected


def test_fewer_than_two_pairs_have_no_order():
    for count in (0, 1):
        assert np.isnan(stroke_agreement.order(np.zeros([count, 2], int)))


def test_top_left_comes_first():
    strokes = [
        _line([0.9, 0.9], [0.6, 0.5]),  # 1.1 at its end
        _line([0.4, 0.1], [0.9, 0.9]),  # 0.5 at its start
        np.array([[0.1, 0.9]]),  # 1.0, a dot
    ]
    found = stroke_agreement.top_left_first(strokes)
    assert found.tolist() == [1, 2, 0]


def test_direction_is_that_of_the_nearer_points():
    stroke = _line([0.1, 0.2], [0.8, 0.4], 30)
    other = stroke[:20] + [0.0, 0.02]  # shorter, and moved
    assert stroke_agreement.direction(stroke, other) == 1.0
    assert stroke_agreement.direction(stroke, other[::-1]) == 0.0
    assert stroke_agreement.direction(stroke[::-1], other) == 0.0


def test_dots_and_rings_have_no_direction():
    dot, stroke = np.array([[0.3, 0.3]]), _line([0.1, 0.2], [0.8, 0.4])
    for start in (0.0, np.pi):
        other = _ring(start)
        assert np.isnan(stroke_agreement.direction(_ring(), other))
        assert np.isnan(stroke_agreement.direction(_ring(), other[::-1]))
    assert np.isnan(stroke_agreement.direction(dot, stroke))
    # All points of a dot are one point: it is as near to both directions.
    assert np.isnan(stroke_agreement.direction(stroke, dot + [0.15, 0.0]))
    # Three quarters of a ring have ends.
    open_ring = _ring(turns=0.75)
    assert stroke_agreement.direction(open_ring, open_ring) == 1.0
    assert stroke_agreement.direction(open_ring, open_ring[::-1]) == 0.0


def test_alignment_undoes_shifts_and_stretches():
    strokes = _random_strokes(3)
    moved = [s * [0.5, 2.0] + [3.0, -1.0] for s in strokes]
    found = stroke_agreement.aligned(strokes, moved)
    # The points at even distances are not the same ones on both drawings.
    np.testing.assert_allclose(
        np.concatenate(found), np.concatenate(strokes), atol=0.05
    )
    only_shifted = [s * 3.0 - [0.2, 0.1] for s in strokes]
    found = stroke_agreement.aligned(only_shifted, strokes)
    np.testing.assert_allclose(
        np.concatenate(found), np.concatenate(only_shifted), atol=0.01
    )


def test_alignment_keeps_the_width_of_lines():
    upright = [_line([0.5, 0.1], [0.5, 0.9])]
    crooked = [np.array([[0.2, 0.3], [0.204, 0.4], [0.2, 0.5]])]
    (found,) = stroke_agreement.aligned(upright, crooked)
    np.testing.assert_allclose(np.ptp(found, 0), [0.004, 0.8], rtol=0.05)
    dot = [np.array([[0.3, 0.3]])]
    (found,) = stroke_agreement.aligned(upright, dot)
    np.testing.assert_allclose(found, [[0.5, 0.5]])


def test_straight_line_joins_the_farthest_points():
    strokes = [_line([0.2, 0.1], [0.4, 0.2]), _line([0.3, 0.3], [0.9, 0.8])]
    line = stroke_agreement.straight_line(strokes)
    np.testing.assert_allclose(
        line[line[:, 0].argsort()], [[0.2, 0.1], [0.9, 0.8]]
    )


def test_measures_of_a_drawing_and_its_reversed_order():
    strokes = [_line([0.1, y], [0.9, y]) for y in (0.1, 0.5, 0.9)]
    others = [strokes[2][::-1] + 0.01, strokes[1], strokes[0], _ring()]
    found = stroke_agreement.measures(strokes, others)
    assert found["count_error"] == 1.0
    assert found["f_score"] == pytest.approx(2 * 3 / 7)
    assert found["order"] == pytest.approx(-1.0)
    assert found["direction"] == pytest.approx(2 / 3)
    assert 0.0 < found["chamfer_distance"] < 0.01


def test_far_strokes_have_neither_order_nor_direction():
    strokes = [_line([0.1, 0.1], [0.9, 0.1]), _line([0.1, 0.2], [0.9, 0.2])]
    far = [stroke + [0.0, 0.6] for stroke in strokes]
    found = stroke_agreement.measures(strokes, far)
    assert found["f_score"] == 0.0 and found["chamfer_distance"] > 0.5
    assert np.isnan([found["order"], found["direction"]]).all()


def test_a_drawing_without_strokes_has_no_distance():
    found = stroke_agreement.measures([_line([0, 0], [1, 0])], [])
    assert found["f_score"] == 0.0 and found["count_error"] == 1.0
    for name in ("chamfer_distance", "order", "direction"):
        assert np.isnan(found[name])
