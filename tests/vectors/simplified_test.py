import numpy as np
import pytest

from tfdood.vectors import simplified
from tfdood.vectors.pen_strokes import PenStroke


def _line(*points):
    """A stroke of straight curves through points."""
    return PenStroke(np.array(list(zip(points, points[1:], strict=False))), 1.0)


def test_straight_lines_keep_their_ends_and_corners_alone():
    bent = _line([10.0, 20.0], [10.0, 70.0], [110.0, 70.0])
    [found] = simplified.lines([bent])
    # 100 pixels, the longer side, become 255.
    expected = [[0, 0], [0, 127.5], [255, 127.5]]
    np.testing.assert_allclose(found, expected, atol=1.0)


def test_all_strokes_share_one_scale():
    strokes = _line([0.0, 0.0], [51.0, 0.0]), _line([0.0, 20.4], [25.5, 20.4])
    first, second = simplified.lines(strokes)
    assert first.tolist() == [[0, 0], [255, 0]]
    assert second.tolist() == [[0, 102], [128, 102]]


def test_simple_lines_stay_within_the_tolerance():
    curve = np.random.default_rng(0).uniform(0, 200, (1, 5, 2))
    stroke = PenStroke(curve, 1.0)
    [found] = simplified.lines([stroke])
    points = stroke.points(0.1)
    points = points - points.min(0)
    points *= 255.0 / points.max()
    start, step = found[:-1], np.diff(found, axis=0)
    share = ((points[:, np.newaxis] - start) * step).sum(-1)
    share = np.clip(share / (step**2).sum(-1), 0.0, 1.0)
    nearest = start + share[..., np.newaxis] * step
    gaps = np.linalg.norm(points[:, np.newaxis] - nearest, axis=-1).min(1)
    assert 0.5 < gaps.max() < 2.0 + np.sqrt(0.5) + 0.1
    assert 3 < len(found) < 60


def test_a_ring_stays_a_ring():
    angles = np.linspace(0.0, 2.0 * np.pi, 41)
    corners = 50.0 * np.stack([np.cos(angles), np.sin(angles)], -1)
    [found] = simplified.lines([_line(*corners)])
    assert found[0].tolist() == found[-1].tolist()
    assert len(found) > 8
    assert (found.min(), found.max()) == (0, 255)


@pytest.mark.parametrize("place", [0.0, 30.0])
def test_a_dot_is_one_point(place):
    dot = PenStroke(np.full([1, 5, 2], place), 4.0)
    [found] = simplified.lines([dot])
    assert found.tolist() == [[0, 0]]


def test_an_empty_drawing_has_no_lines():
    assert simplified.lines([]) == []
