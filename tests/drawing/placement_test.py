import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import placement as placement_lib
from tfdood.drawing import warp as warp_lib

_SIZE = 12


def _placement(*leading, seed=0):
    """Objects of all sizes, some of them partly outside of the canvas."""
    rng = np.random.default_rng(seed)
    return placement_lib.Placement(
        tf.constant(rng.uniform(0.15, 1.3, (*leading, 2))),
        tf.constant(rng.uniform(-1.1, 1.1, (*leading, 2))),
    )


def _images(*shape, seed=1):
    return np.random.default_rng(seed).uniform(size=shape)


def _bilinear(image, scale, shift, size):
    """Samples an image at the centre of each pixel of a canvas, one by one."""
    height, width, channels = image.shape
    canvas = np.zeros([size, size, channels])
    for i, j in np.ndindex(size, size):
        u = (2 * (np.array([j, i]) + 0.5) / size - 1 - shift) / scale
        x, y = (u + 1) / 2 * (width, height) - 0.5
        left, top = int(np.floor(x)), int(np.floor(y))
        for row, column in np.ndindex(2, 2):
            r, c = top + row, left + column
            if 0 <= r < height and 0 <= c < width:
                weight = (1 - abs(x - c)) * (1 - abs(y - r))
                canvas[i, j] += weight * image[r, c]
    return canvas


def test_place_equals_bilinear_sampling_in_a_loop():
    images, placement = _images(6, 5, 7, 2), _placement(6)
    placed = placement_lib.place(tf.constant(images), placement, _SIZE)
    for n, image in enumerate(images):
        scale, shift = (x[n].numpy() for x in placement)
        expected = _bilinear(image, scale, shift, _SIZE)
        np.testing.assert_allclose(placed[n], expected, atol=1e-12)


def test_place_equals_the_warp_of_an_affine_without_rotation():
    images, (scale, shift) = _images(4, 9, 9, 1), _placement(4)
    affine = tf.concat([tf.linalg.diag(scale), shift[..., tf.newaxis]], -1)
    warped = warp_lib.glimpse(
        tf.constant(images), affine_lib.invert(affine), _SIZE
    )
    placement = placement_lib.Placement(scale, shift)
    placed = placement_lib.place(tf.constant(images), placement, _SIZE)
    np.testing.assert_allclose(placed, warped, atol=1e-12)


def test_composition_equals_a_loop_over_objects():
    images, placement = _images(3, 4, 6, 5), _placement(3, 4)
    weights = _images(3, 4, seed=2)
    canvas = placement_lib.compose(
        tf.constant(images), placement, tf.constant(weights), _SIZE
    )
    assert canvas.shape == (3, _SIZE, _SIZE, 1)
    for n in range(3):
        expected = sum(
            weights[n, k]
            * _bilinear(
                images[n, k, ..., np.newaxis],
                placement.scale[n, k].numpy(),
                placement.shift[n, k].numpy(),
                _SIZE,
            )
            for k in range(4)
        )
        np.testing.assert_allclose(canvas[n], expected, atol=1e-12)


def test_an_image_as_large_as_the_canvas_stays_as_it_is():
    images = tf.constant(_images(1, _SIZE, _SIZE, 3))
    whole = placement_lib.Placement(
        tf.ones([1, 2], tf.float64), tf.zeros([1, 2], tf.float64)
    )
    placed = placement_lib.place(images, whole, _SIZE)
    np.testing.assert_allclose(placed, images, atol=1e-12)


def test_boxes_hold_all_ink_and_no_smaller_boxes_do():
    size = 200
    placement = placement_lib.Placement(
        tf.constant([[0.3, 0.2]]), tf.constant([[0.25, -0.4]])
    )
    ink = placement_lib.place(tf.ones([1, 40, 40, 1]), placement, size)
    rows, columns = np.nonzero(ink[0, ..., 0].numpy() > 0.5)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    boxes = placement.boxes()
    np.testing.assert_allclose(boxes[0] * size, found, atol=1.0)
    np.testing.assert_allclose(boxes[0], [0.475, 0.2, 0.775, 0.4], atol=1e-6)


@pytest.mark.parametrize("part", ["scale", "shift"])
def test_gradients_equal_finite_differences(part):
    images, weights = tf.constant(_images(1, 2, 6, 5)), tf.constant([[0.5, 1]])
    placement, step = _placement(1, 2, seed=4), 1e-7
    target = tf.constant(_images(1, _SIZE, _SIZE, 1, seed=5))

    def loss(value):
        moved = placement._replace(**{part: value})
        canvas = placement_lib.compose(
            images, moved, tf.cast(weights, tf.float64), _SIZE
        )
        return tf.reduce_sum(canvas * target)

    value = getattr(placement, part)
    with tf.GradientTape() as tape:
        tape.watch(value)
        total = loss(value)
    gradient = tape.gradient(total, value)
    for k, axis in np.ndindex(2, 2):
        change = np.zeros(value.shape)
        change[0, k, axis] = step
        difference = (loss(value + change) - loss(value - change)) / (2 * step)
        np.testing.assert_allclose(
            gradient[0, k, axis], difference, rtol=1e-4, atol=1e-6
        )
