"""Tests of types that are drawn again to explain other images."""

import dataclasses

import numpy as np
import pytest

from tests.parsing import spline_drawings
from tfdood.evaluate.measures import type_fitting
from tfdood.models.gns import token

NUMBERS = np.array([[2, 3, 0], [4, 0, 0], [3, 2, 0]])
PLACES = np.array([8.0, -6.0])


@pytest.fixture(name="drawings", scope="module")
def _drawings():
    points = np.random.default_rng(4).uniform(25, 80, [3, 3, 5, 2])
    return points, spline_drawings.parses(points, NUMBERS)


@pytest.fixture(name="fitter", scope="module")
def _fitter():
    return type_fitting.Fitter(spline_drawings.Refits(5))


def _moved_copy(points):
    """Larger in one direction, smaller in the other, elsewhere."""
    return spline_drawings.parses(
        (points - 50.0) * [1.3, 0.8] + 50.0 + PLACES, NUMBERS
    )


def test_drawings_are_moved_to_other_ink(drawings):
    points, parses = drawings
    copy = _moved_copy(points)
    found = type_fitting.moved(parses, spline_drawings.images(copy))
    strokes = token.apply(parses.types, found).control_points.numpy()
    missed = np.abs(strokes - copy.strokes.control_points).max((1, 2, 3))
    before = np.abs(parses.strokes.control_points - copy.strokes.control_points)
    assert (missed < 0.3 * before.max((1, 2, 3))).all()


def test_tokens_that_differ_from_their_types_are_moved_on(drawings):
    points, parses = drawings
    images = spline_drawings.images(_moved_copy(points))
    affine = np.tile(np.float32([1.2, 0.9, 4.0, 3.0]), [3, 1])
    shifted = token.apply(parses.types, parses.token._replace(affine=affine))
    numbers = parses.types.num_control_points
    drawn = spline_drawings.parses(shifted.control_points.numpy(), numbers)
    as_types = type_fitting.moved(drawn, images)
    as_token = type_fitting.moved(
        dataclasses.replace(
            drawn,
            types=parses.types,
            token=parses.token._replace(affine=affine),
        ),
        images,
    )
    np.testing.assert_allclose(
        token.apply(parses.types, as_token).control_points,
        token.apply(drawn.types, as_types).control_points,
        atol=1e-3,
    )


def test_small_images_move_drawings_as_large_ones_do(drawings):
    points, parses = drawings
    images = spline_drawings.images(_moved_copy(points))

    def third(image):
        return np.reshape(image, [-1, 35, 3, 35, 3, 1]).mean((2, 4))

    small = dataclasses.replace(parses, canvas=third(parses.canvas))
    found = type_fitting.moved(small, third(images))
    expected = type_fitting.moved(parses, images)
    np.testing.assert_allclose(found.affine, expected.affine, atol=0.3)


def test_own_ink_moves_nothing_and_noise_is_no_ink(drawings):
    _, parses = drawings
    ink = (parses.canvas - 0.01) / 0.98
    found = type_fitting.moved(parses, ink)
    np.testing.assert_allclose(found.affine, parses.token.affine, atol=1e-3)


def test_copies_are_explained_better_than_others(drawings, fitter):
    points, parses = drawings
    copies = spline_drawings.images(_moved_copy(points))
    own = fitter.fit(parses, copies, 8)
    others = fitter.fit(parses, np.roll(copies, 1, 0), 8)
    assert (own.score > others.score + 20.0).all()
    start = fitter.fit(parses, copies, 0)
    assert (own.score >= start.score).all()
    np.testing.assert_allclose(
        token.apply(parses.types, own.token).control_points,
        own.control_points,
        atol=1e-3,
    )
    assert own.control_points.shape == points.shape
