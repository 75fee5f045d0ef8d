import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.drawing.ink import gaussian

_IDENTITY = [0.0, 0.0, 1.0, 0.0]


def _images(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).uniform(size=shape))


def _layouts(*leading, seed=0):
    rng = np.random.default_rng(seed)
    low, high = [-0.6, -0.6, 0.3, -0.8], [0.6, 0.6, 1.0, 0.8]
    return tf.constant(rng.uniform(low, high, (*leading, 4)))


def _glimpse(images, layout, output_size=None):
    layout = tf.constant(layout, images.dtype)
    affine = affine_lib.from_layout(layout)
    return warp_lib.glimpse(images, affine, output_size).numpy()


def _brute_force_glimpse(image, affine, size):
    height, width, channels = image.shape
    result = np.zeros((*size, channels))
    for i, j in np.ndindex(*size):
        u = np.array([2 * (j + 0.5) / size[1] - 1, 2 * (i + 0.5) / size[0] - 1])
        x, y = affine[:, :2] @ u + affine[:, 2]
        x, y = (x + 1) / 2 * width - 0.5, (y + 1) / 2 * height - 0.5
        for row, column in np.ndindex(height, width):
            weight = max(0, 1 - abs(x - column)) * max(0, 1 - abs(y - row))
            result[i, j] += weight * image[row, column]
    return result


@pytest.mark.parametrize("size", [(5, 7), (4, 4), (9, 3)])
def test_glimpse_equals_a_loop_over_pixels(size):
    images = _images(6, 5, 7, 2)
    layouts = _layouts(6)
    affines = affine_lib.from_layout(layouts)
    glimpses = warp_lib.glimpse(images, affines, size)
    for image, affine, glimpse in zip(images, affines, glimpses, strict=True):
        expected = _brute_force_glimpse(image.numpy(), affine.numpy(), size)
        np.testing.assert_allclose(glimpse, expected, atol=1e-12)


def test_glimpse_of_an_image_without_channels_has_none():
    affines = affine_lib.from_layout(_layouts(3))
    glimpse = warp_lib.glimpse(_images(3, 5, 7, 0), affines, (4, 6))
    assert glimpse.shape == [3, 4, 6, 0]


def test_glimpses_of_several_images_equal_one_glimpse_each():
    images = [_images(2, 3, 5, 7, 1, seed=seed) for seed in (1, 2)]
    affines = affine_lib.from_layout(_layouts(2, 3))
    for image, glimpse in zip(
        images, warp_lib.glimpses(images, affines, (4, 6)), strict=True
    ):
        expected = warp_lib.glimpse(image, affines, (4, 6))
        assert glimpse.shape == [2, 3, 4, 6, 1]
        np.testing.assert_allclose(glimpse, expected, atol=1e-12)


def test_glimpse_of_a_large_image_in_single_precision():
    """Its pixels have larger numbers than single precision can count."""
    size, first = 4200, 4100
    image = np.zeros([1, size, size, 1], np.float32)
    pixels = np.float32([[[0.2], [0.8]], [[0.6], [0.4]]])
    image[0, first : first + 2, first : first + 2] = pixels
    shift = 2.0 * (first + 1) / size - 1.0
    affine = [[[2.0 / size, 0.0, shift], [0.0, 2.0 / size, shift]]]
    found = warp_lib.glimpse(tf.constant(image), tf.constant(affine), (2, 2))
    np.testing.assert_allclose(found[0], pixels, atol=2e-3)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_glimpse_of_the_identity_layout_is_the_image(dtype):
    images = tf.cast(_images(50, 50, 3), dtype)
    atol = 1e-5 if dtype == tf.float32 else 1e-12
    np.testing.assert_allclose(_glimpse(images, _IDENTITY), images, 0.0, atol)


@pytest.mark.parametrize("pixels", [(3, 0), (0, -2), (-4, 5), (12, 0)])
def test_shift_by_whole_pixels_is_a_roll_with_zeros(pixels):
    image = _images(10, 10, 1)
    across, down = pixels
    glimpse = _glimpse(image, [2 * across / 10, 2 * down / 10, 1.0, 0.0])
    padded = np.pad(image, [(12, 12), (12, 12), (0, 0)])
    expected = np.roll(padded, (-down, -across), (0, 1))[12:-12, 12:-12]
    np.testing.assert_allclose(glimpse, expected, atol=1e-12)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_rot90(quarters):
    image = _images(9, 9, 2)
    # As y points down, a positive rotation turns the window clockwise. So the
    # content of the window turns anticlockwise.
    glimpse = _glimpse(image, [0.0, 0.0, 1.0, quarters * np.pi / 2])
    expected = np.rot90(image, quarters)
    np.testing.assert_allclose(glimpse, expected, atol=1e-12)


def test_half_scale_glimpse_sees_the_middle_of_the_image():
    image = _images(8, 8, 1)
    glimpse = _glimpse(image, [0.0, 0.0, 0.5, 0.0], 4)
    np.testing.assert_allclose(glimpse, image[2:6, 2:6], atol=1e-12)


def test_glimpses_far_outside_are_zero_and_have_zero_gradient():
    images = _images(2, 6, 6, 1)
    layouts = tf.constant([[9.0, 0, 1, 0], [1e9, -1e9, 1, 0]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(layouts)
        glimpse = warp_lib.glimpse(images, affine_lib.from_layout(layouts))
    np.testing.assert_array_equal(glimpse, 0.0)
    np.testing.assert_array_equal(tape.gradient(glimpse, layouts), 0.0)


def _projection(values):
    weights = np.random.default_rng(7).normal(size=values.shape)
    return tf.reduce_sum(weights * values)


@pytest.mark.parametrize("place", [warp_lib.glimpse, warp_lib.warp])
def test_gradients_match_finite_differences(place):
    # The steps are far smaller than the distances to pixel centres, where the
    # gradient jumps.
    @tf.function(autograph=False)
    def placed(images, layouts):
        return _projection(place(images, affine_lib.from_layout(layouts)))

    exact, numerical = tf.test.compute_gradient(
        placed, [_images(2, 5, 5, 2), _layouts(2)], 1e-6
    )
    for a, b in zip(exact, numerical, strict=True):
        assert np.abs(b).max() > 0.1
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


def test_gradient_of_a_ramp_is_half_the_width():
    # image(x, y) = x in pixels, so d glimpse / d shift_x = W / 2 inside.
    image = tf.tile(tf.range(10.0)[tf.newaxis, :, tf.newaxis], [10, 1, 1])
    layout = tf.constant([0.03, 0.0, 0.5, 0.0])
    with tf.GradientTape() as tape:
        tape.watch(layout)
        glimpse = warp_lib.glimpse(image, affine_lib.from_layout(layout), 4)
        mean = tf.reduce_mean(glimpse)
    np.testing.assert_allclose(
        tape.gradient(mean, layout), [5.0, 0.0, 0.0, 0.0], atol=1e-4
    )


def _smooth_images(size):
    points = tf.constant([[[0.4, 0.5], [0.6, 0.4]], [[0.5, 0.5], [0.45, 0.6]]])
    images = gaussian.ink(points, tf.constant([0.08, 0.08]), size)
    return images[..., tf.newaxis]


def test_glimpse_of_a_warp_is_the_image():
    images = _smooth_images(80)
    layouts = tf.constant([[0.1, -0.2, 0.8, 0.4], [-0.1, 0.1, 0.9, -0.5]])
    affine = affine_lib.from_layout(layouts)
    warped = warp_lib.warp(images, affine)
    assert np.abs(warped - images).max() > 0.3
    np.testing.assert_allclose(
        warp_lib.glimpse(warped, affine), images, atol=0.02
    )


def test_moved_curve_looks_like_the_warped_raster():
    # The curve is placed and then rasterised, or rasterised in its frame and
    # then placed. A placed raster has a blur that is multiplied by the scale.
    size, num_strokes = 100, 5
    rng = np.random.default_rng(0)
    points = tf.constant(
        rng.uniform(0.3, 0.7, (num_strokes, 30, 2)), tf.float32
    )
    layouts = tf.constant(
        rng.uniform([-0.4, -0.4, 0.5, -0.8], [0.4, 0.4, 1, 0.8], (5, 4)),
        tf.float32,
    )
    affine = affine_lib.from_layout(layouts)
    blur = tf.fill([num_strokes], 0.05)
    moved = gaussian.ink(
        affine_lib.transform_points(points, affine), blur * layouts[:, 2], size
    )
    warped = warp_lib.warp(
        gaussian.ink(points, blur, size)[..., tf.newaxis], affine
    )[..., 0]
    peak = np.max(moved)
    np.testing.assert_allclose(warped / peak, moved / peak, atol=0.01)


def test_leading_dimensions_equal_a_loop():
    images, layouts = _images(2, 3, 6, 5, 2), _layouts(2, 3)
    affine = affine_lib.from_layout(layouts)
    glimpses = warp_lib.glimpse(images, affine, 4)
    assert glimpses.shape == (2, 3, 4, 4, 2)
    for index in np.ndindex(2, 3):
        one = _glimpse(images[index], layouts[index], 4)
        np.testing.assert_allclose(glimpses[index], one, atol=1e-12)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_trace_works_for_all_batch_sizes(jit_compile):
    def place(images, layouts):
        affine = affine_lib.from_layout(layouts)
        return warp_lib.warp(warp_lib.glimpse(images, affine), affine)

    traced = tf.function(
        place,
        jit_compile=jit_compile,
        input_signature=[
            tf.TensorSpec([None, 6, 6, 2], tf.float64),
            tf.TensorSpec([None, 4], tf.float64),
        ],
    )
    for batch_size in (1, 4):
        inputs = _images(batch_size, 6, 6, 2), _layouts(batch_size)
        np.testing.assert_allclose(traced(*inputs), place(*inputs), atol=1e-9)
    assert traced.experimental_get_tracing_count() == 1
