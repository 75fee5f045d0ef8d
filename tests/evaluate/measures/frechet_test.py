import numpy as np
import pytest
from scipy import linalg

from tfdood.evaluate.measures import frechet


def _rows(count: int, size: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=[size, size])
    return rng.normal(size=[count, size]) @ mixing + rng.normal(size=size)


@pytest.mark.parametrize(("size", "counts"), [(1, (50, 40)), (6, (300, 200))])
def test_agrees_with_the_matrix_square_root(size, counts):
    a, b = _rows(counts[0], size, 0), _rows(counts[1], size, 1)
    covariances = [np.cov(x.T).reshape(size, size) for x in (a, b)]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(
        sum(covariances) - 2.0 * root
    )
    assert frechet.distance(a, b) == pytest.approx(expected, rel=1e-8)


def test_in_one_dimension_it_compares_means_and_deviations():
    a = np.array([[-1.0], [1.0]]) / np.sqrt(2.0)  # mean 0, std 1
    b = 3.0 * a + 2.0
    assert frechet.distance(a, b) == pytest.approx(2.0**2 + (3.0 - 1.0) ** 2)


def test_a_shift_adds_its_squared_length():
    a = _rows(100, 4, 0)
    shift = np.array([1.0, 0.0, -2.0, 0.5])
    assert frechet.distance(a, a) == pytest.approx(0.0, abs=1e-9)
    assert frechet.distance(a, a + shift) == pytest.approx(shift @ shift)


def test_is_symmetric_and_unmoved_by_rotations():
    a, b = _rows(100, 4, 0), _rows(100, 4, 1)
    rotation = linalg.qr(np.random.default_rng(2).normal(size=[4, 4]))[0]
    expected = frechet.distance(a, b)
    assert frechet.distance(b, a) == pytest.approx(expected)
    assert frechet.distance(a @ rotation, b @ rotation) == pytest.approx(
        expected
    )


def test_fewer_rows_than_dimensions_are_allowed():
    a, b = _rows(5, 8, 0), np.ones([5, 8])
    expected = ((a.mean(0) - 1.0) ** 2).sum() + a.var(0, ddof=1).sum()
    assert frechet.distance(a, b) == pytest.approx(expected)


def test_the_fewest_rows_that_have_a_standard_error():
    assert frechet.measure(_rows(4, 3, 0), _rows(4, 3, 1)).num_images == 4
    with pytest.raises(ValueError, match="at least 4 drawings .* got 3"):
        frechet.measure(np.zeros([3, 3]), np.zeros([3, 3]))


def test_the_standard_error_is_how_much_the_distance_varies():
    rng = np.random.default_rng(0)
    shift = np.array([2.0, 0.0, 0.0])

    def measure():
        a = rng.normal(size=[200, 3])
        return frechet.measure(a, rng.normal(size=[200, 3]) + shift)

    measures = [measure() for _ in range(200)]
    spread = np.std([m.value for m in measures])
    error = np.mean([m.standard_error for m in measures])
    assert error == pytest.approx(spread, rel=0.15)
    assert measures[0].num_images == 200
