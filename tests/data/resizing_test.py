import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfdood.data import resizing


def _noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("size, new_size", [(28, 50), (105, 50), (50, 28)])
def test_resizing_agrees_with_pil_within_one_grey_level(size, new_size):
    images = _noise(8, size, size, 1)
    resized = resizing.resize(images, new_size)[..., 0].astype(int)
    for image, ours in zip(images, resized, strict=True):
        pil = Image.fromarray(image[..., 0]).resize(
            (new_size, new_size), Image.Resampling.BILINEAR
        )
        assert np.abs(ours - np.asarray(pil)).max() <= 1


@pytest.mark.parametrize("size, new_size", [(28, 50), (105, 50)])
def test_resizing_agrees_with_tensorflow(size, new_size):
    images = _noise(4, size, size + 3, 1)
    expected = tf.image.resize(images, (new_size, new_size), antialias=True)
    resized = resizing.resize(images, new_size)
    assert resized.dtype == np.uint8
    np.testing.assert_allclose(resized, expected, atol=0.5 + 1e-3)


def test_pixel_centres_are_at_half_pixels():
    # Grey values that are linear in the position stay linear.
    ramp = (np.arange(20) + 0.5) / 20 * 200
    images = np.broadcast_to(ramp[:, np.newaxis], (20, 20)).astype(np.uint8)
    resized = resizing.resize(images[np.newaxis, ..., np.newaxis], 40)
    inner = resized[0, 2:-2, 0, 0]
    expected = (np.arange(40) + 0.5) / 40 * 200
    np.testing.assert_allclose(inner, expected[2:-2], atol=1.0)


def test_each_colour_is_resized_on_its_own():
    images = _noise(3, 9, 7, 3)
    resized = resizing.resize(images, 5)
    for i in range(3):
        np.testing.assert_array_equal(
            resized[..., i : i + 1],
            resizing.resize(images[..., i : i + 1], 5),
        )


def test_same_size_changes_nothing():
    images = _noise(3, 28, 28, 1)
    np.testing.assert_array_equal(resizing.resize(images, 28), images)


def test_chunks_do_not_change_the_result(monkeypatch):
    images = _noise(7, 10, 10, 1)
    whole = resizing.resize(images, 15)
    monkeypatch.setattr(resizing, "_CHUNK", 3)
    # Each image is a product of matrices of its own: exact.
    np.testing.assert_array_equal(resizing.resize(images, 15), whole)


@pytest.mark.parametrize("new_size", [5, 28, 61])
def test_constant_image_stays_constant(new_size):
    images = np.full((1, 28, 28, 1), 201, np.uint8)
    resized = resizing.resize(images, new_size)
    np.testing.assert_array_equal(resized, np.full_like(resized, 201))


@pytest.mark.parametrize("new_size", [13, 50])
def test_resizing_commutes_with_flips_and_transposition(new_size):
    images = _noise(3, 28, 28, 1)
    resized = resizing.resize(images, new_size).astype(int)
    for change in (
        lambda x: x[:, ::-1],
        lambda x: x[:, :, ::-1],
        lambda x: x.swapaxes(1, 2),
    ):
        changed = resizing.resize(change(images), new_size)
        # Sums in another order may round to the next grey level.
        np.testing.assert_allclose(changed, change(resized), atol=1)


def test_shrinking_by_whole_factor_keeps_the_mean():
    images = _noise(20, 60, 60, 1)
    means = resizing.resize(images, 20).mean(axis=(1, 2))
    # The rim weighs a little less than the middle.
    np.testing.assert_allclose(means, images.mean(axis=(1, 2)), atol=1.5)


@pytest.mark.parametrize("image_size", [0, -3])
def test_size_below_one_pixel_raises(image_size):
    message = f"at least 1 pixel, got {image_size}"
    with pytest.raises(ValueError, match=message):
        resizing.resize(_noise(1, 4, 4, 1), image_size)
    with pytest.raises(ValueError, match=message):
        resizing.check_size(image_size)
    resizing.check_size(1)
