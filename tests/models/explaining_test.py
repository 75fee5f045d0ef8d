"""Tests of what all models that explain images share."""

import types

import numpy as np
import pytest
import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.models import explaining, signature

LOG_WEIGHTS = np.log([[1.0, 2.0], [3.0, 2.0], [2.0, 8.0]]).astype(np.float32)


class Known:
    """Explains each image by grey paper, with known weights."""

    counts = explaining.ExplainingModel.counts
    checked = explaining.ExplainingModel.checked
    image_input = signature.Input((4, 4, 1), low=0.0, high=1.0)

    def log_weights(self, images, num_particles, seed):
        assert num_particles == 3
        return tf.constant(LOG_WEIGHTS)

    def reconstruct(self, images):
        return types.SimpleNamespace(canvas=0.25 * tf.ones_like(images))


@pytest.fixture(scope="module")
def measures():
    images = np.zeros([2, 4, 4, 1], np.float32)
    images[1, :2] = 1.0
    batch = Batch(tf.constant(images), tf.constant([0, 1], tf.int64))
    return explaining.ExplainingModel.measures(Known(), batch, 3, None)


def test_bounds_are_means_of_weights(measures):
    np.testing.assert_allclose(measures["elbo"], LOG_WEIGHTS.mean(0))
    np.testing.assert_allclose(measures["iwae"], np.log([2.0, 4.0]), rtol=1e-6)


def test_the_error_is_that_of_the_reconstruction(measures):
    np.testing.assert_allclose(measures["mean_absolute_error"], [0.25, 0.5])
    assert set(measures) == {"elbo", "iwae", "mean_absolute_error"}


def test_a_bound_comes_with_its_weights():
    found = explaining.bound(tf.constant(LOG_WEIGHTS))
    np.testing.assert_allclose(
        found["log_likelihood"], np.log([2.0, 4.0]), rtol=1e-6
    )
    np.testing.assert_array_equal(found["log_weights"], LOG_WEIGHTS.T)


def test_images_of_all_types_are_cast():
    pixels = np.random.default_rng(0).integers(0, 2, [3, 4, 4, 1], np.uint8)
    for dtype in (np.uint8, np.float64, np.float32):
        checked = Known().checked(pixels.astype(dtype))
        assert checked.dtype == tf.float32
        # Zeros and ones are exact in all of these types.
        np.testing.assert_array_equal(checked, pixels)


def test_no_images_are_refused():
    with pytest.raises(ValueError, match="one image or more, got none"):
        Known().checked(np.zeros([0, 4, 4, 1], np.float32))


@pytest.mark.parametrize(
    ("value", "message"),
    [(255.0, "from 0 to 255"), (-0.5, "from -0.5 to 0"), (np.nan, "nan")],
)
def test_values_out_of_range_are_refused(value, message):
    images = np.zeros([1, 4, 4, 1], np.float32)
    images[0, 1, 2] = value
    with pytest.raises(ValueError, match=rf"in \[0, 1\].*{message}"):
        Known().checked(images)


@pytest.mark.parametrize(
    "shape", [[4, 4, 1], [2, 4, 4], [2, 4, 4, 3], [1, 9, 9, 1]]
)
def test_images_of_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"must be \[N, 4, 4, 1\], got \("):
        Known().checked(np.zeros(shape, np.float32))
