import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfdood.data import resizing


def _noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("size, new_size", [(28, 50), (105, 50), (50, 28)])
def test_matches_pil_within_one_grey_level(size, new_size):
    images = _noise(8, size, size, 1)
    resized = resizing.resize(images, new_size)[..., 0].astype(int)
    for image, ours in zip(images, resized, strict=True):
        pil = Image.fromarray(image[..., 0]).resize(
            (new_size, new_size), Image.Resampling.BILINEAR
        )
        assert np.abs(ours - np.asarray(pil)).max() <= 1


@pytest.mark.parametrize("size, new_size", [(28, 50), (105, 50)])
def test_matches_tensorflow(size, new_size):
    images = _noise(4, size, size + 3, 1)
    expected = tf.image.resize(images, (new_size, new_size), antialias=True)
    resized = resizing.resize(images, new_size)
    assert resized.dtype == np.uint8
    np.testing.assert_allclose(resized, expected, atol=0.5 + 1e-3)


def test_pixel_centres_are_at_half_pixels():
    # A ramp through the pixel centres stays the same ramp.
    ramp = (np.arange(20) + 0.5) / 20 * 200
    images = np.broadcast_to(ramp[:, np.newaxis], (20, 20)).astype(np.uint8)
    resized = resizing.resize(images[np.newaxis, ..., np.newaxis], 40)
    inner = resized[0, 2:-2, 0, 0]
    expected = (np.arange(40) + 0.5) / 40 * 200
    np.testing.assert_allclose(inner, expected[2:-2], atol=1.0)


def test_same_size_changes_nothing():
    images = _noise(3, 28, 28, 1)
    np.testing.assert_array_equal(resizing.resize(images, 28), images)


def test_many_images_are_resized_one_by_one(monkeypatch):
    images = _noise(7, 10, 10, 1)
    whole = resizing.resize(images, 15)
    monkeypatch.setattr(resizing, "_CHUNK", 3)
    # Each image is a product of matrices of its own: exact.
    np.testing.assert_array_equal(resizing.resize(images, 15), whole)


def test_rejects_an_empty_size():
    with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
        resizing.resize(_noise(1, 4, 4, 1), 0)
