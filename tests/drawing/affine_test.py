import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import affine as affine_lib


def _layouts(*leading, seed=0):
    rng = np.random.default_rng(seed)
    low, high = [-0.6, -0.6, 0.3, -0.8], [0.6, 0.6, 1.0, 0.8]
    return tf.constant(rng.uniform(low, high, (*leading, 4)))


def _projection(values):
    weights = np.random.default_rng(7).normal(size=values.shape)
    return tf.reduce_sum(weights * values)


def test_seven_parameters_without_shear_equal_a_layout():
    layouts = _layouts(5).numpy()
    shift, scale, rotation = layouts[:, :2], layouts[:, 2:3], layouts[:, 3:]
    zeros = np.zeros((5, 2))
    parameters = np.concatenate([shift, scale, scale, rotation, zeros], -1)
    np.testing.assert_allclose(
        affine_lib.from_parameters(parameters),
        affine_lib.from_layout(layouts),
        atol=1e-12,
    )


def test_seven_parameters_scale_then_rotate_then_shear():
    shift_x, shift_y, scale_x, scale_y, angle, shear_x, shear_y = parameters = (
        np.array([0.1, -0.2, 0.7, 1.2, 0.5, 0.3, -0.4])
    )
    c, s = np.cos(angle), np.sin(angle)
    shear = np.array([[1 + shear_x * shear_y, shear_x], [shear_y, 1]])
    matrix = shear @ np.array([[c, -s], [s, c]]) @ np.diag([scale_x, scale_y])
    expected = np.column_stack([matrix, [shift_x, shift_y]])
    affine = affine_lib.from_parameters(parameters)
    np.testing.assert_allclose(affine, expected, atol=1e-12)


def test_points_after_a_quarter_turn_are_known():
    # A quarter turn about the centre, half size, half an image to the right.
    affine = affine_lib.from_layout(
        tf.constant([0.5, 0.0, 0.5, np.pi / 2], tf.float64)
    )
    points = np.array([[0.5, 0.5], [1.0, 0.5], [0.5, 1.0]])
    moved = affine_lib.transform_points(tf.constant(points), affine)
    expected = [[0.75, 0.5], [0.75, 0.75], [0.5, 0.5]]
    np.testing.assert_allclose(moved, expected, atol=1e-12)


def test_gradient_of_moved_points_matches_finite_differences():
    rng = np.random.default_rng(0)
    exact, numerical = tf.test.compute_gradient(
        lambda points, layout: _projection(
            affine_lib.transform_points(points, affine_lib.from_layout(layout))
        ),
        [tf.constant(rng.uniform(size=(3, 5, 2))), _layouts(3)],
        1e-6,
    )
    for a, b in zip(exact, numerical, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_inverse_moves_points_back():
    affine = affine_lib.from_layout(_layouts(4))
    points = tf.constant(np.random.default_rng(0).uniform(size=(4, 6, 2)))
    there = affine_lib.transform_points(points, affine)
    back = affine_lib.transform_points(there, affine_lib.invert(affine))
    np.testing.assert_allclose(back, points, atol=1e-12)


@pytest.mark.parametrize("scale", [0.0, 1e-8, -1e-8])
def test_inverse_of_a_singular_affine_has_finite_gradients(scale):
    layout = tf.constant([0.1, 0.2, scale, 0.3])
    with tf.GradientTape() as tape:
        tape.watch(layout)
        inverse = affine_lib.invert(affine_lib.from_layout(layout))
    assert np.isfinite(inverse).all()
    assert np.isfinite(tape.gradient(inverse, layout)).all()


def test_layout_is_a_rotation_times_a_scale_plus_a_shift():
    shift_x, shift_y, scale, r = layout = np.array([0.1, -0.2, 0.7, 0.5])
    rotation = np.array([[np.cos(r), -np.sin(r)], [np.sin(r), np.cos(r)]])
    expected = np.column_stack([scale * rotation, [shift_x, shift_y]])
    affine = affine_lib.from_layout(layout)
    np.testing.assert_allclose(affine, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "affine_from"),
    [(4, affine_lib.from_layout), (7, affine_lib.from_parameters)],
)
def test_gradients_of_affines_match_finite_differences(size, affine_from):
    values = np.random.default_rng(0).uniform(0.2, 0.9, (3, size))
    for function in (
        lambda x: _projection(affine_from(x)),
        lambda x: _projection(affine_lib.invert(affine_from(x))),
    ):
        exact, numerical = tf.test.compute_gradient(
            function, [tf.constant(values)], 1e-6
        )
        assert np.abs(numerical[0]).max() > 0.1
        np.testing.assert_allclose(exact[0], numerical[0], rtol=1e-5, atol=1e-6)


def test_inverse_matches_the_inverse_of_a_matrix():
    affine = affine_lib.from_parameters(
        np.random.default_rng(1).uniform(0.2, 0.9, (5, 7))
    ).numpy()
    last_row = np.broadcast_to([0.0, 0.0, 1.0], (5, 1, 3))
    expected = np.linalg.inv(np.concatenate([affine, last_row], 1))[:, :2]
    inverse = affine_lib.invert(tf.constant(affine))
    np.testing.assert_allclose(inverse, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("scale", "determinant"), [(0.0, 1e-6), (1e-4, 1e-6), (0.1, 0.01)]
)
def test_inverse_replaces_small_determinants(scale, determinant):
    affine = affine_lib.from_layout(
        tf.constant([0.0, 0.0, scale, 0.0], tf.float64)
    )
    expected = np.eye(2) * scale / determinant
    inverse = affine_lib.invert(affine)[:, :2]
    np.testing.assert_allclose(inverse, expected, atol=1e-12)


def test_inverse_keeps_the_sign_of_small_determinants():
    mirror = tf.constant([[1e-4, 0.0, 0.0], [0.0, -1e-4, 0.0]], tf.float64)
    expected = [[100.0, 0.0, 0.0], [0.0, -100.0, 0.0]]
    np.testing.assert_allclose(affine_lib.invert(mirror), expected, atol=1e-9)
