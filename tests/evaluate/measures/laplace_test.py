"""Tests of Laplace's method, against exact and numerical integrals."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from tfdood.evaluate.measures import laplace

STEPS = np.array([0.1, 0.2, 0.3])


def _precision(seed=0):
    root = np.random.default_rng(seed).normal(size=[3, 3])
    return root @ root.T + np.eye(3)


def test_a_gaussian_is_integrated_exactly():
    precision = _precision()
    height = stats.multivariate_normal.logpdf(
        np.zeros(3), cov=np.linalg.inv(precision)
    )
    found = laplace.integral(height, precision, np.full(3, 100.0))
    np.testing.assert_allclose(found, 0.0, atol=1e-12)


def test_second_derivatives_are_those_of_a_quadratic():
    precision = _precision(1)
    places = laplace.center_and_steps(STEPS)
    assert places.shape == (7, 3)
    np.testing.assert_array_equal(places[0], 0.0)
    gradients = -(places + [1.0, 2.0, 3.0]) @ precision
    found = laplace.second_derivatives(gradients[1:], STEPS)
    np.testing.assert_allclose(found, -precision)


def test_a_posterior_of_two_weights_agrees_with_quadrature():
    """Logistic regression: nearly Gaussian, and with a known integral."""
    rng = np.random.default_rng(2)
    inputs = rng.normal(size=[60, 2])
    is_one = rng.random(60) < special.expit(inputs @ [0.7, -0.4])
    signs = np.where(is_one, 1.0, -1.0)

    def log_density(z):
        return special.log_expit(signs * (inputs @ z)).sum() - z @ z / 2

    def gradient(z):
        return (signs * special.expit(-signs * (inputs @ z))) @ inputs - z

    mode = np.zeros(2)
    for _ in range(500):
        mode += 0.05 * gradient(mode)
    steps = np.full(2, 0.05)
    places = mode + laplace.center_and_steps(steps)[1:]
    second = laplace.second_derivatives(
        np.array([gradient(place) for place in places]), steps
    )
    found = laplace.integral(log_density(mode), -second, np.full(2, 10.0))
    top = log_density(mode)
    exact, _ = integrate.dblquad(
        lambda x, y: np.exp(log_density(np.array([x, y])) - top),
        *(mode[1] - 3, mode[1] + 3, mode[0] - 3, mode[0] + 3),
    )
    assert found == pytest.approx(np.log(exact) + top, abs=0.05)
    # It is an approximation: here it is visibly not the integral itself.
    assert found != pytest.approx(np.log(exact) + top, abs=1e-3)


def test_wide_directions_are_bounded():
    precision = np.diag([4.0, 1e-6, 0.0])
    found = laplace.integral(1.0, precision, np.array([10.0, 10.0, 5.0]))
    stds = [0.5, 10.0, 5.0]
    expected = 1.0 + 1.5 * np.log(2 * np.pi) + np.log(stds).sum()
    assert found == pytest.approx(expected)


def test_nothing_to_integrate_leaves_the_density():
    nothing = np.zeros(0)
    assert laplace.center_and_steps(nothing).shape == (1, 0)
    second = laplace.second_derivatives(np.zeros([0, 0]), nothing)
    assert laplace.integral(-3.0, second, nothing) == -3.0


def test_upward_curvature_is_made_flat():
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=[3, 3]))[0]
    second = (turn * [-3.0, 2.0, -0.5]) @ turn.T
    found, count = laplace.concave(second)
    np.testing.assert_allclose(
        found, (turn * [-3.0, 0.0, -0.5]) @ turn.T, atol=1e-12
    )
    assert count == 1
    again, count = laplace.concave(found - 0.1 * np.eye(3))
    np.testing.assert_allclose(again, found - 0.1 * np.eye(3), atol=1e-12)
    assert count == 0
