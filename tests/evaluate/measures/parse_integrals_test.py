"""Tests of integrals around parses, where densities are Gaussian."""

import dataclasses

import numpy as np
import pytest
from scipy import special, stats

from tfdood.evaluate.measures import parse_integrals
from tfdood.models.gns import token as token_lib
from tfdood.parsing import splines
from tfdood.types import SplineStrokes

TYPE_STD, PIXEL_STD = 4.0, 0.7
NUMBERS = np.array([2, 1, 0], np.int32)
IS_POINT = np.arange(4) < NUMBERS[:, np.newaxis]


class Gaussian:
    """Types around 50 pixels; an image of points that were seen."""

    def __init__(self, seen):
        self._seen = seen

    def run(self, signature, **inputs):
        return getattr(self, signature)(**inputs)

    def log_type_gradient(self, control_points, num_control_points):
        del num_control_points
        away = np.where(IS_POINT[..., None], control_points - 50.0, 0.0)
        return _normal(away, TYPE_STD, "log_type")

    def log_likelihood_gradient(self, control_points, **inputs):
        away = np.where(IS_POINT[..., None], control_points - self._seen, 0.0)
        found = _normal(away, PIXEL_STD, "log_likelihood")
        return {
            **found,
            "affine_gradient": np.zeros_like(inputs["token_affine"]),
        }


def _normal(away, std, name):
    size = 2 * IS_POINT.sum()
    log_density = (
        -0.5 * (away**2).sum((1, 2, 3)) / std**2
        - size * np.log(std)
        - 0.5 * size * np.log(2 * np.pi)
    )
    return {name: log_density, "point_gradient": -away / std**2}


def _token_covariance():
    """Of the coordinates of three control points of two strokes."""
    stroke = np.array([0, 0, 1])
    same = (stroke[:, None] == stroke).astype(float)
    noise = np.eye(3) * token_lib.POINT_STD**2
    found = np.zeros([6, 6])
    for axis in range(2):
        found[axis::2, axis::2] = noise + same * token_lib.START_STD[axis] ** 2
    return found


def _parses(types, moved):
    """One image with two parses, of which the second has no weight."""

    def padded(points):
        filled = np.zeros([3, 4, 2])
        filled[IS_POINT] = points
        return np.tile(filled, [1, 2, 1, 1, 1])

    starts = np.tile([1.5, -0.5], [1, 2, 3, 1])
    own = padded(types)
    shift = np.where(IS_POINT[..., None], 1.0, 0.0) * [1.5, -0.5]
    token = token_lib.Token(
        starts,
        padded(moved) - own - shift,
        np.tile([1.0, 1.0, 0.0, 0.0], [1, 2, 1]),
    )
    numbers = np.tile(NUMBERS, [1, 2, 1])
    return splines.SplineParses(
        strokes=SplineStrokes(padded(moved), numbers),
        types=SplineStrokes(own, numbers),
        token=token,
        std=np.ones([1, 2]),
        noise=np.full([1, 2], 0.01),
        log_prior=np.zeros([1, 2]),
        log_likelihood=np.array([[0.0, -np.inf]]),
        canvas=np.zeros([1, 2, 5, 5, 1]),
    )


@pytest.fixture(name="case")
def _case():
    """A model, parses at the mode, and the exact integral."""
    rng = np.random.default_rng(0)
    seen = rng.uniform(40.0, 60.0, 6)
    of_token = _token_covariance()
    of_moved = of_token + TYPE_STD**2 * np.eye(6)
    of_seen = of_moved + PIXEL_STD**2 * np.eye(6)
    away = np.linalg.solve(of_seen, seen - 50.0)
    types, moved = 50.0 + TYPE_STD**2 * away, 50.0 + of_moved @ away
    exact = stats.multivariate_normal.logpdf(seen, np.full(6, 50.0), of_seen)
    padded = np.zeros([3, 4, 2])
    padded[IS_POINT] = seen.reshape(3, 2)
    parses = _parses(types.reshape(3, 2), moved.reshape(3, 2))
    return Gaussian(padded), parses, exact


IMAGES = np.zeros([1, 5, 5, 1], np.float32)


def test_gaussians_are_integrated_exactly(case):
    model, parses, exact = case
    found = parse_integrals.of(model, IMAGES, parses)
    # The affine does not matter to this model: its own density gives 1.
    np.testing.assert_allclose(found.log_integral[0, 0], exact, atol=2e-3)
    np.testing.assert_allclose(found.log_marginal, [exact], atol=2e-3)
    assert found.num_variables[0, 0] == 6 + 6 + 4
    assert found.num_flattened[0, 0] == 0


def test_modes_are_summed_and_counted_once(case):
    model, parses, exact = case
    for shift, expected in ((0.2, exact), (5.0, exact + np.log(2.0))):
        strokes = parses.strokes
        points = strokes.control_points.copy()
        points[0, 1][IS_POINT] += shift
        both = dataclasses.replace(
            parses,
            strokes=strokes._replace(control_points=points),
            log_likelihood=np.zeros([1, 2]),
        )
        found = parse_integrals.of(model, IMAGES, both)
        np.testing.assert_allclose(found.log_marginal, [expected], atol=2e-3)
        assert special.logsumexp(found.log_integral) == pytest.approx(
            found.log_marginal[0]
        )


def test_away_from_the_mode_the_integral_is_too_small(case):
    model, parses, exact = case
    types = parses.types
    points = types.control_points + 0.5 * IS_POINT[..., None]
    moved = dataclasses.replace(
        parses, types=types._replace(control_points=points)
    )
    found = parse_integrals.of(model, IMAGES, moved)
    assert found.log_marginal[0] < exact - 0.1
