import numpy as np
import pytest

from tfdood.drawing.curves import polylines

_CORNERS = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 0.0], [3.0, 1.0]])


def test_resampled_points_are_evenly_spaced_along_the_line():
    np.testing.assert_allclose(
        polylines.resample(_CORNERS, 5),
        [[0, 0], [1, 0], [2, 0], [3, 0], [3, 1]],
    )


def test_a_dot_is_resampled_to_copies_of_itself():
    dot = np.array([[0.3, 0.7]])
    np.testing.assert_array_equal(
        polylines.resample(dot, 4), np.repeat(dot, 4, 0)
    )


def test_lengths_are_those_up_to_each_corner():
    np.testing.assert_allclose(polylines.lengths(_CORNERS), [0, 3, 3, 4])
    np.testing.assert_array_equal(polylines.lengths(_CORNERS[:1]), [0.0])


@pytest.mark.parametrize(
    ("other", "angle"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180)]
)
def test_turns_are_angles(other, angle):
    found = polylines.turn(np.array([2.0, 0.0]), np.array(other, float))
    assert found == pytest.approx(angle)


def test_points_lie_at_their_distances_around_a_corner():
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    found = polylines.points_at(corner, np.array([0.0, 0.5, 1.0, 2.5, 3.0]))
    np.testing.assert_allclose(
        found, [[0, 0], [0.5, 0], [1, 0], [1, 1.5], [1, 2]]
    )
