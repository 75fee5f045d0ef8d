import numpy as np
import pytest

from tfdood.evaluate.measures import manifolds


def _brute_force(points, others, k):
    def gap(x, y):
        return np.sqrt(sum((x - y) ** 2))

    radii = [
        sorted(gap(x, y) for j, y in enumerate(others) if j != i)[k - 1]
        for i, x in enumerate(others)
    ]
    return [
        any(gap(p, x) <= r for x, r in zip(others, radii, strict=True))
        for p in points
    ]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_agrees_with_brute_force(monkeypatch, k):
    monkeypatch.setattr(manifolds, "_ROWS_A_BLOCK", 9)
    rng = np.random.default_rng(k)
    points, others = rng.normal(0.7, 1.0, [40, 4]), rng.normal(size=[30, 4])
    inside = manifolds.is_inside(points, others, k)
    np.testing.assert_array_equal(inside, _brute_force(points, others, k))
    assert 0.0 < inside.mean() < 1.0


def test_points_on_a_line_by_hand():
    # The second nearest neighbours of 0, 1, 2 and 6: radii 2, 1, 2 and 5.
    others = np.array([[0.0], [1.0], [2.0], [6.0]])
    points = np.array([[-2.5], [-2.0], [2.5], [11.0], [11.5]])
    np.testing.assert_array_equal(
        manifolds.is_inside(points, others, 2),
        [False, True, True, True, False],
    )


def test_precision_is_of_samples_and_recall_of_real_drawings():
    # Two kinds of real drawings, and samples of one of them, some bad.
    rng = np.random.default_rng(0)
    real = rng.uniform(size=[40, 2])
    real[20:] += 10.0
    samples = rng.uniform(size=[40, 2])
    samples[:4] += 100.0  # near each other: their balls are small
    measures = manifolds.measure(samples, real)
    inside = manifolds.is_inside(samples, real, 3)
    assert measures["precision"].value == inside.mean() > 0.7
    assert not inside[:4].any()
    assert 0.4 <= measures["recall"].value <= 0.5 + 1e-9
    same = manifolds.measure(real, real)
    assert same["precision"].value == same["recall"].value == 1.0


def test_equal_samples_have_no_recall():
    real = np.random.default_rng(0).normal(size=[50, 3])
    measures = manifolds.measure(np.repeat(real[:1], 50, 0), real)
    assert measures["precision"].value == 1.0
    assert measures["recall"].value == 1 / 50  # the drawing itself
