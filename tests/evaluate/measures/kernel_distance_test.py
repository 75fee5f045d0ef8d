import numpy as np
import pytest

from tfdood.evaluate.measures import kernel_distance


def _loop(a, b):
    def k(x, y):
        return (sum(x * y) / len(x) + 1.0) ** 3

    def within(x):
        pairs = [
            k(x[i], x[j])
            for i in range(len(x))
            for j in range(len(x))
            if i != j
        ]
        return sum(pairs) / len(pairs)

    between = [k(x, y) for x in a for y in b]
    return within(a) + within(b) - 2.0 * sum(between) / len(between)


def test_agrees_with_a_loop_over_pairs(monkeypatch):
    monkeypatch.setattr(kernel_distance, "_ROWS_A_BLOCK", 3)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=[7, 4]), rng.normal(1.0, 2.0, [5, 4])
    assert kernel_distance.distance(a, b) == pytest.approx(_loop(a, b))
    b = rng.normal(1.0, 2.0, [7, 4])
    assert kernel_distance.measure(a, b).value == pytest.approx(_loop(a, b))


def test_two_points_each_by_hand():
    # k(0, 0) = 1, k(3, 1) = 4^3, k(0, .) = 1.
    a, b = np.array([[0.0], [0.0]]), np.array([[3.0], [1.0]])
    assert kernel_distance.distance(a, b) == pytest.approx(1.0 + 64.0 - 2.0)


def test_is_unbiased_at_any_number_of_rows():
    # x is -1 or 1, y is 0 or 2: enumerates all samples of two and three rows.
    xs, ys = (-1.0, 1.0), (0.0, 2.0)
    k = kernel_distance.kernel
    columns = [np.array([v]).T for v in (xs, ys)]
    expected = (
        k(columns[0], columns[0]).mean()
        + k(columns[1], columns[1]).mean()
        - 2.0 * k(columns[0], columns[1]).mean()
    )
    for n, m in ((2, 2), (3, 2)):
        a = np.array(np.meshgrid(*[xs] * n)).reshape(n, -1).T
        b = np.array(np.meshgrid(*[ys] * m)).reshape(m, -1).T
        values = [
            kernel_distance.distance(x[:, None], y[:, None])
            for x in a
            for y in b
        ]
        assert np.mean(values) == pytest.approx(expected)
    assert expected > 1.0


def test_the_error_is_a_jackknife_over_groups():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=[2, 45, 3])
    group = np.arange(45) % 10
    without = [
        kernel_distance.distance(a[group != g], b[group != g])
        for g in range(10)
    ]
    expected = np.sqrt(0.9 * np.sum((without - np.mean(without)) ** 2))
    error = kernel_distance.measure(a, b).standard_error
    assert error == pytest.approx(expected)


def test_the_standard_error_is_how_much_the_distance_varies():
    rng = np.random.default_rng(0)

    def measure():
        a = rng.normal(size=[200, 3])
        return kernel_distance.measure(a, rng.normal(1.0, 1.0, [200, 3]))

    measures = [measure() for _ in range(200)]
    spread = np.std([m.value for m in measures])
    error = np.mean([m.standard_error for m in measures])
    assert error == pytest.approx(spread, rel=0.15)
    assert measures[0].num_images == 200
