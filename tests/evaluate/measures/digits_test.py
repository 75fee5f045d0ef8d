import numpy as np
import pytest

from tfdood import data
from tfdood.evaluate.measures import digits
from tools import train_digits


@pytest.fixture(scope="module", name="reader")
def _reader():
    return digits.Reader()


def test_shipped_weights_are_small_and_finite():
    assert digits.WEIGHTS.stat().st_size < 1_000_000
    with np.load(digits.WEIGHTS) as arrays:
        for weight in arrays.values():
            assert weight.dtype == np.float16
            assert np.isfinite(weight).all()


@pytest.mark.parametrize("size", [64, 128])
def test_digits_of_test_scenes_are_read(reader, size):
    scenes = data.read_scenes("mnist_10", "test", image_size=size).first(100)
    images = scenes.images / np.float32(255.0)
    rng = np.random.default_rng(0)
    for boxes in (scenes.boxes, train_digits.enlarged(scenes.boxes, rng)):
        found = reader(images, boxes)
        assert np.mean(found.labels == scenes.labels) > 0.97
        assert np.mean(found.confidence > 0.5) > 0.97
    nothing = reader(0.0 * images, scenes.boxes)
    assert len(np.unique(nothing.labels)) == 1


def test_reading_does_not_depend_on_the_other_scenes(reader):
    scenes = data.read_scenes("mnist_4", "test", image_size=64).first(110)
    images = scenes.images / np.float32(255.0)
    whole, part = (
        reader(images[rows], scenes.boxes[rows])
        for rows in (slice(None), slice(90, None))
    )
    np.testing.assert_array_equal(whole.labels[90:], part.labels)
    np.testing.assert_allclose(whole.confidence[90:], part.confidence, 1e-4)


def test_crop_of_the_same_size_is_the_image():
    rng = np.random.default_rng(0)
    images = rng.random((2, 28, 28, 1)).astype(np.float32)
    whole = np.tile([0.0, 0.0, 1.0, 1.0], (2, 1, 1))
    np.testing.assert_allclose(
        digits.crops(images, whole)[:, 0], images, atol=1e-5
    )


def test_crop_is_a_square_that_is_black_outside_the_box():
    x = (np.arange(64, dtype=np.float32) + 0.5) / 64
    ramp = np.broadcast_to(x[:, None], (64, 64))  # y
    images = np.stack([ramp, ramp.T])[..., None].astype(np.float32)
    box = np.array([0.25, 0.25, 0.5, 0.75])  # twice as high as wide
    crops = digits.crops(images, np.tile(box, (2, 1, 1))).numpy()[:, 0, :, :, 0]
    steps = (np.arange(28) + 0.5) / 28
    rows, columns = 0.25 + 0.5 * steps, 0.125 + 0.5 * steps
    is_inside = (columns >= 0.25) & (columns <= 0.5)
    np.testing.assert_allclose(crops[0], rows[:, None] * is_inside, atol=1e-5)
    np.testing.assert_allclose(
        crops[1], np.tile(columns * is_inside, (28, 1)), atol=1e-5
    )
