import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import interpolate

from tfdood.drawing.curves import bspline, polylines

_PIXEL = 1.0 / 105.0


def _points(count, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (count, 2))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_basis_is_that_of_scipy(count):
    times = np.linspace(2.0, count + 1.0, 37)
    expected = np.stack(
        [
            interpolate.BSpline.basis_element(
                np.arange(5.0) + i, extrapolate=False
            )(times)
            for i in range(count)
        ],
        -1,
    )
    expected = np.nan_to_num(expected)
    expected /= expected.sum(-1, keepdims=True)
    np.testing.assert_allclose(bspline.basis(count, 37), expected, atol=1e-12)


def test_curves_begin_and_end_near_their_ends():
    basis = bspline.basis(6, 11)
    np.testing.assert_allclose(basis[0, :3], [0.8, 0.2, 0.0], atol=1e-12)
    np.testing.assert_allclose(basis[-1, -3:], [0.0, 0.2, 0.8], atol=1e-12)
    np.testing.assert_allclose(basis, basis[::-1, ::-1], atol=1e-12)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
def test_too_few_points_are_refused(sizes):
    with pytest.raises(ValueError, match="at least 1 control point"):
        bspline.basis(*sizes)


def test_one_point_has_the_first_time():
    np.testing.assert_allclose(bspline.basis(3, 1), [[0.8, 0.2, 0.0]])


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_fit_finds_the_control_points_of_a_spline(count):
    control_points = _points(count)
    points = bspline.basis(count, 60) @ control_points
    np.testing.assert_allclose(
        bspline.fit(points, count), control_points, atol=1e-9
    )


def test_a_straight_line_needs_two_control_points():
    line = np.array([[0.1, 0.2], [0.8, 0.6]])
    found = bspline.minimal([line], _PIXEL, 0.7)[0]
    assert found.shape == (2, 2)
    drawn = bspline.basis(2, 50) @ found
    np.testing.assert_allclose(drawn[[0, -1]], line, atol=1.5 * _PIXEL)


def test_minimal_splines_are_near_enough_and_none_is_shorter():
    angles = np.linspace(0.0, 3.0 * np.pi, 200)
    spiral = np.stack([np.cos(angles), np.sin(angles)], -1)
    line = 0.5 + 0.4 * spiral * (angles[:, np.newaxis] / angles[-1])

    even = polylines.resample(line, 400)

    def error(found):
        dense = bspline.basis(len(found), 2_000) @ found
        gaps = np.linalg.norm(even[:, np.newaxis] - dense, axis=-1).min(1)
        return ((gaps / _PIXEL) ** 2).mean()

    numbers = []
    for residual in (5.0, 0.7, 0.05):
        found = bspline.minimal([line], _PIXEL, residual)[0]
        assert error(found) < residual
        numbers.append(len(found))
    assert numbers[0] < numbers[1] < numbers[2] < 50


def test_many_lines_are_fitted_like_each_alone():
    rng = np.random.default_rng(3)
    steps = rng.normal(0.0, 3.0, (9, 20, 2))
    lines = [*np.cumsum(steps, 1), np.ones([3, 2])]
    lines += [line[:7] for line in lines]
    found = bspline.minimal(lines, 1.0, 0.7)
    assert len({len(spline) for spline in found}) > 3
    for line, spline in zip(lines, found, strict=True):
        length = polylines.lengths(line)[-1]
        even = polylines.resample(line, max(2, math.ceil(length) + 1))
        for number in range(2, 51):
            basis = bspline.basis(number, len(even))
            expected = np.linalg.pinv(basis) @ even
            if ((basis @ expected - even) ** 2).sum(-1).mean() < 0.7:
                break
        if length:
            np.testing.assert_allclose(spline, expected, atol=1e-6)
        else:
            np.testing.assert_array_equal(spline, line[:1])


def test_a_dot_is_one_control_point():
    dot = np.array([[0.3, 0.4], [0.3, 0.4]])
    found = bspline.minimal([dot], _PIXEL, 0.7)[0]
    np.testing.assert_array_equal(found, [[0.3, 0.4]])


def test_no_spline_has_more_than_fifty_control_points():
    zigzag = np.stack(
        [np.linspace(0, 1, 100), 0.5 + 0.4 * (-1.0) ** np.arange(100)], -1
    )
    assert len(bspline.minimal([zigzag], _PIXEL, 1e-9)[0]) == 50


def _padded(numbers, most, seed=0):
    """Control points `[..., most, 2]` whose padding is far away."""
    control_points = np.full([*np.shape(numbers), most, 2], 77.0)
    rng = np.random.default_rng(seed)
    for place, number in np.ndenumerate(numbers):
        control_points[place][:number] = rng.uniform(0.0, 9.0, (number, 2))
    return control_points


def test_points_of_padded_splines_are_those_of_scipy():
    numbers = np.array([[1, 2, 5], [4, 7, 0]])
    control_points = _padded(numbers, 7)
    found = bspline.points(tf.constant(control_points), numbers, 23).numpy()
    for place, number in np.ndenumerate(numbers):
        times = np.linspace(2.0, number + 1.0, 23)
        knots = np.arange(-3.0, number + 7.0)
        own = control_points[place][:number]
        total, weight = (
            interpolate.BSpline(knots, np.pad(values, [(3, 3), (0, 0)]), 3)(
                times
            )
            for values in (own, np.ones([number, 1]))
        )
        expected = total / weight if number else np.zeros([23, 2])
        np.testing.assert_allclose(found[place], expected, atol=1e-9)


def test_points_have_the_gradient_of_the_basis():
    numbers = tf.constant([3, 1, 0])
    control_points = tf.constant(_padded(numbers.numpy(), 4))
    with tf.GradientTape() as tape:
        tape.watch(control_points)
        drawn = bspline.points(control_points, numbers, 6)
    gradient = tape.gradient(drawn, control_points)[..., 0]
    expected = np.zeros([3, 4])
    expected[0, :3] = bspline.basis(3, 6).sum(0)
    expected[1, 0] = 6.0
    np.testing.assert_allclose(gradient, expected, atol=1e-12)
