import numpy as np
import pytest

from tfdood.data import strokes
from tfdood.drawing.curves import bspline


def _wave(start, size, turns):
    """A wave from left to right, in the unit square."""
    x = np.linspace(start, start + 0.5, 60)
    return np.stack([x, 0.5 + size * np.sin(turns * x)], -1)


def test_splines_are_near_the_strokes_in_pixels():
    drawings = [
        [_wave(0.1, 0.2, 20.0), _wave(0.4, 0.1, 9.0)],
        [np.array([[0.25, 0.75]])],
    ]
    found = strokes.fit(drawings)
    assert [len(own) for own in found] == [2, 1]
    for line, spline in zip(drawings[0], found[0], strict=True):
        curve = bspline.basis(len(spline), 500) @ spline
        gaps = np.linalg.norm(105.0 * line[:, np.newaxis] - curve, axis=-1)
        assert (gaps.min(1) ** 2).mean() < 0.7
    np.testing.assert_allclose(found[1][0], [[26.25, 78.75]])
    assert len(found[0][0]) > len(found[0][1])


@pytest.mark.parametrize(
    ("numbers", "few"),
    [([1] * 10, True), ([1] * 11, False), ([24, 2], True), ([2, 25], False)],
)
def test_drawings_of_too_many_strokes_or_points_are_not_few(numbers, few):
    assert strokes.are_few(numbers) == few


def test_padded_strokes_lie_in_their_places():
    rng = np.random.default_rng(0)
    numbers = [np.array(own) for own in ([2, 24, 1], [3], [1] * 10)]
    flat = [rng.uniform(0.0, 105.0, (own.sum(), 2)) for own in numbers]
    found = strokes.padded(flat, numbers)
    assert found.control_points.shape == (3, 10, 24, 2)
    assert found.control_points.dtype == np.float32
    assert found.num_control_points.dtype == np.int32
    for row, (points, own) in enumerate(zip(flat, numbers, strict=True)):
        expected = np.zeros([10, 24, 2])
        for place, part in enumerate(np.split(points, np.cumsum(own)[:-1])):
            expected[place, : len(part)] = part
        np.testing.assert_allclose(
            found.control_points[row], expected, rtol=1e-6
        )
        assert found.num_control_points[row].tolist() == [
            *own,
            *[0] * (10 - len(own)),
        ]
