import numpy as np
import pytest

from tfdood.drawing.curves import bernstein


@pytest.mark.parametrize("num_control_points", [1, 2, 3, 5, 9, 80])
def test_basis_sums_to_one(num_control_points):
    basis = bernstein.values(num_control_points, 17)
    assert basis.shape == (17, num_control_points)
    assert basis.dtype == np.float64 and basis.min() >= 0.0
    np.testing.assert_allclose(basis.sum(-1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("sizes", [(0, 5), (5, 1)])
def test_rejects_too_few_points(sizes):
    with pytest.raises(ValueError, match="at least 1 control point"):
        bernstein.values(*sizes)


@pytest.mark.parametrize("num_control_points", [1, 2, 3, 5, 9, 50])
def test_even_directions_move_curves_equally_far(num_control_points):
    directions = bernstein.even_directions(num_control_points)
    np.testing.assert_allclose(directions, directions.T, atol=1e-9)
    times = (np.arange(20_000) + 0.5) / 20_000
    moved = bernstein.values_at(num_control_points, times) @ directions
    products = moved.T @ moved / len(times)
    # What the ridge leaves out: W' G W = I - r W' W.
    np.testing.assert_allclose(
        products,
        np.eye(num_control_points) - 1e-2 * directions @ directions,
        atol=1e-5,
    )
    assert products.diagonal().max() <= 1.0


def test_basis_at_even_times_is_that_of_points():
    np.testing.assert_array_equal(
        bernstein.values_at(4, np.linspace(0.0, 1.0, 9)),
        bernstein.values(4, 9),
    )
    with pytest.raises(ValueError, match="at least 1 control point"):
        bernstein.values_at(0, np.array([0.5]))
