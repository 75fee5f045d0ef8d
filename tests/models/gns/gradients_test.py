"""Gradients of the joint density, against differences and the fit."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.models.gns import fitting, gradients, image_model, token
from tfdood.saved import checks
from tfdood.types import SplineStrokes

SIZE = 105
STROKES = drawings.strokes()
COUNT = len(drawings.NUMBERS)
STD, NOISE = tf.fill([COUNT], 1.5), tf.fill([COUNT], 0.02)
AFFINE = tf.constant([[1.1, 0.9, 3.0, -2.0]] * COUNT)


@pytest.fixture(scope="module", name="prior")
def _prior():
    return drawings.type_prior()


@pytest.fixture(scope="module", name="images")
def _images():
    """The drawings as they look without an affine."""
    canvas = image_model.canvas(STROKES, STD, NOISE, SIZE)
    return tf.cast(canvas > 0.5, tf.float32)[..., tf.newaxis]


def _of_image(images, points, affine):
    return gradients.of_log_likelihood(
        images, points, STROKES.num_control_points, affine, STD, NOISE
    )


def test_the_gradient_of_types_is_that_of_differences(prior):
    points, numbers = STROKES
    found = gradients.of_log_type(prior, points, numbers)
    np.testing.assert_allclose(
        found["log_type"], prior.log_probs(STROKES).total, rtol=1e-5
    )
    gradient = found["point_gradient"].numpy()
    is_point = np.arange(points.shape[2]) < numbers.numpy()[..., np.newaxis]
    assert np.all(gradient[~is_point] == 0.0)
    direction = np.random.default_rng(0).normal(size=points.shape)
    direction *= 0.05 * is_point[..., np.newaxis]
    ends = [
        prior.log_probs(SplineStrokes(points + sign * direction, numbers)).total
        for sign in (1.0, -1.0)
    ]
    expected = (ends[0] - ends[1]).numpy() / 2.0
    slopes = (gradient * direction).sum((1, 2, 3))
    np.testing.assert_allclose(slopes, expected, atol=2e-3, rtol=0.02)


def test_the_likelihood_is_that_of_the_fit(prior, images):
    steps, rate = tf.zeros([COUNT], tf.int32), tf.zeros([COUNT])
    fit = fitting.named(fitting.fit(prior, images, STROKES, steps, rate))
    again = gradients.of_log_likelihood(
        images, *STROKES, fit["token_affine"], fit["std"], fit["noise"]
    )
    np.testing.assert_allclose(
        again["log_likelihood"], fit["log_likelihood"], rtol=1e-4
    )


def test_the_gradients_of_images_are_those_of_differences(images):
    rng = np.random.default_rng(1)
    points, affine = STROKES.control_points, AFFINE
    found = _of_image(images, points, affine)
    directions = (
        0.004 * rng.normal(size=points.shape).astype("f4"),
        0.004 * rng.normal(size=affine.shape).astype("f4") * [0.05, 0.05, 1, 1],
    )
    ends = [
        _of_image(
            images, points + s * directions[0], affine + s * directions[1]
        )
        for s in (1.0, -1.0)
    ]
    differences = [end["log_likelihood"].numpy() for end in ends]
    slopes = (found["point_gradient"] * directions[0]).numpy().sum((1, 2, 3))
    slopes += (found["affine_gradient"] * directions[1]).numpy().sum(1)
    expected = (differences[0] - differences[1]) / 2.0
    np.testing.assert_allclose(slopes, expected, atol=5e-3, rtol=0.03)
    assert np.abs(expected).max() > 0.05
    empty = np.flatnonzero(drawings.NUMBERS.sum(1) == 0)
    assert np.all(found["affine_gradient"].numpy()[empty] == 0.0)


def test_the_affine_is_that_of_tokens(images):
    """Points moved by a token, and a token without an affine, agree."""
    points = STROKES.control_points
    still = token.Token(
        tf.zeros_like(points[..., 0, :]), tf.zeros_like(points), AFFINE
    )
    placed = token.apply(STROKES, still)
    found = _of_image(images, points, AFFINE)["log_likelihood"]
    expected = image_model.log_prob(
        images, image_model.canvas(placed, STD, NOISE, SIZE)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "value"), [("std", 1e-23), ("noise", 0.0), ("token_affine", 1e7)]
)
def test_numbers_without_a_gradient_are_refused(prior, name, value):
    """The squares of smaller blurs are 0, and gradients would be NaN."""
    listed = gradients.signatures(prior, {}, SIZE)["log_likelihood_gradient"]
    wanted = listed.inputs[name]
    given = tf.fill([2, *wanted.shape], value)
    with pytest.raises(tf.errors.InvalidArgumentError, match=name):
        checks.checked({name: wanted}, {name: given})
