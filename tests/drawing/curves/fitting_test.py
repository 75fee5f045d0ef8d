"""Fitted curves, for lines whose best curve is known."""

import numpy as np
import pytest

from tfdood.drawing.curves import bernstein, fitting, polylines


def _curve(control_points, num_points=200):
    basis = bernstein.values(len(control_points), num_points)
    return basis @ control_points


def _distances(points, others):
    """From each point to the nearest of the others."""
    gaps = np.linalg.norm(points[:, None] - others, axis=-1)
    return gaps.min(1)


@pytest.mark.parametrize("num_control_points", [1, 2, 5])
def test_of_a_dot_all_control_points_are_there(num_control_points):
    dot = np.array([[0.3, 0.7]])
    found = fitting.fit(dot, num_control_points)
    np.testing.assert_allclose(found, np.repeat(dot, num_control_points, 0))


@pytest.mark.parametrize("num_control_points", [2, 3, 5, 8])
def test_control_points_of_a_segment_are_evenly_spaced(num_control_points):
    ends = np.array([[0.1, 0.9], [0.7, 0.2]])
    np.testing.assert_allclose(
        fitting.fit(ends, num_control_points),
        np.linspace(*ends, num_control_points),
        atol=1e-6,
    )


def test_one_control_point_is_the_mean_of_the_line():
    corner = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    # Half of the line has the mean (1/2, 0), the other half (1, 1/2).
    np.testing.assert_allclose(
        fitting.fit(corner, 1), [[0.75, 0.25]], atol=0.01
    )


def test_samples_of_a_curve_give_the_curve():
    rng = np.random.default_rng(0)
    for _ in range(20):
        control_points = rng.uniform(0.0, 1.0, [5, 2])
        curve = _curve(control_points)
        found = fitting.fit(curve, 5)
        fitted = _curve(found)
        assert _distances(curve, fitted).mean() < 0.02
        assert _distances(fitted, curve).mean() < 0.02
        np.testing.assert_allclose(found[0], curve[0], atol=0.1)
        np.testing.assert_allclose(found[-1], curve[-1], atol=0.1)


def test_samples_of_a_curve_of_even_speed_give_its_control_points():
    # A parabola that is nearly a line is nearly run at one speed.
    control_points = np.array([[0.0, 0.5], [0.5, 0.52], [1.0, 0.5]])
    np.testing.assert_allclose(
        fitting.fit(_curve(control_points), 3), control_points, atol=1e-4
    )


def test_moving_times_brings_the_curve_nearer(monkeypatch):
    # This curve is slow in the middle: even times fit it badly.
    control_points = np.array([[0, 0], [0.9, 0], [0.1, 1], [0.5, 1], [1, 0.2]])
    curve = _curve(control_points)
    errors = []
    for num_steps in (0, 1, 10):
        monkeypatch.setattr(fitting, "_NUM_STEPS", num_steps)
        fitted = _curve(fitting.fit(curve, 5))
        errors.append(_distances(curve, fitted).mean())
    assert errors[0] > errors[1] > 2 * errors[2]


def test_a_ring_gives_a_ring():
    angle = np.linspace(0.0, 2 * np.pi, 60)
    ring = 0.5 + 0.3 * np.stack([np.cos(angle), np.sin(angle)], -1)
    fitted = _curve(fitting.fit(ring, 5))
    radius = np.linalg.norm(fitted - 0.5, axis=-1)
    np.testing.assert_allclose(radius, 0.3, atol=0.01)
    np.testing.assert_allclose(fitted[[0, -1]], ring[[0, -1]], atol=0.02)
    # It runs around in the direction of the ring.
    x, y = (fitted - 0.5).T
    area = 0.5 * (x[:-1] * y[1:] - y[:-1] * x[1:]).sum()
    assert area == pytest.approx(np.pi * 0.3**2, rel=0.03)


def test_the_curve_moves_with_the_line():
    rng = np.random.default_rng(1)
    line = np.cumsum(rng.normal(size=[9, 2]), 0)
    angle = 0.7
    turn = np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    np.testing.assert_allclose(
        fitting.fit(2.0 * line @ turn + [3.0, -1.0], 5),
        2.0 * fitting.fit(line, 5) @ turn + [3.0, -1.0],
        atol=1e-6,
    )
    np.testing.assert_allclose(
        fitting.fit(line[::-1], 5), fitting.fit(line, 5)[::-1], atol=1e-6
    )


def test_more_corners_on_the_line_change_nothing():
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    dense = polylines.resample(line, 201)
    np.testing.assert_allclose(
        fitting.fit(dense, 5), fitting.fit(line, 5), atol=1e-6
    )


def test_no_control_points_raise():
    with pytest.raises(ValueError, match="at least 1 control point"):
        fitting.fit(np.eye(2), 0)
