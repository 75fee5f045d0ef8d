import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing.curves import bezier


def _control_points(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-0.2, 1.2, shape)


@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_curve_starts_at_first_and_ends_at_last_control_point(leading):
    control_points = _control_points(*leading, 5, 2)
    points = bezier.curve_points(control_points, 11).numpy()
    assert points.shape == (*leading, 11, 2)
    np.testing.assert_allclose(points[..., 0, :], control_points[..., 0, :])
    np.testing.assert_allclose(points[..., -1, :], control_points[..., -1, :])


def test_two_control_points_give_an_evenly_sampled_line():
    points = bezier.curve_points(np.array([[0.0, 1.0], [1.0, 3.0]]), 5)
    t = np.linspace(0.0, 1.0, 5)
    np.testing.assert_allclose(points, np.stack([t, 1.0 + 2.0 * t], -1))


@pytest.mark.parametrize("num_control_points", [2, 3, 5, 8])
def test_curve_equals_de_casteljau(num_control_points):
    control_points = _control_points(num_control_points, 2)
    points = bezier.curve_points(control_points, 9)
    for t, point in zip(np.linspace(0.0, 1.0, 9), points, strict=True):
        rest = control_points
        while len(rest) > 1:
            rest = (1.0 - t) * rest[:-1] + t * rest[1:]
        np.testing.assert_allclose(point, rest[0], atol=1e-12)


def test_curve_of_moved_points_is_the_moved_curve():
    control_points = _control_points(4, 5, 2)
    matrix, shift = np.array([[0.3, -1.2], [0.7, 0.4]]), np.array([0.1, -0.5])
    np.testing.assert_allclose(
        bezier.curve_points(control_points @ matrix.T + shift, 13),
        bezier.curve_points(control_points, 13).numpy() @ matrix.T + shift,
        atol=1e-12,
    )


def test_reversed_control_points_give_the_reversed_curve():
    control_points = _control_points(5, 2)
    np.testing.assert_allclose(
        bezier.curve_points(control_points[::-1], 13),
        bezier.curve_points(control_points, 13)[::-1],
        atol=1e-12,
    )


def test_gradient_matches_finite_differences():
    exact, numerical = tf.test.compute_gradient(
        lambda p: tf.sin(3.0 * bezier.curve_points(p, 7)),
        [tf.constant(_control_points(2, 5, 2))],
    )
    np.testing.assert_allclose(exact[0], numerical[0], atol=1e-5)


def test_one_trace_works_for_all_batch_sizes():
    traced = tf.function(
        lambda p: bezier.curve_points(p, 7),
        input_signature=[tf.TensorSpec([None, 5, 2], tf.float64)],
    )
    for batch_size in (1, 4):
        control_points = _control_points(batch_size, 5, 2)
        np.testing.assert_allclose(
            traced(control_points),
            bezier.curve_points(control_points, 7),
            atol=1e-12,
        )
    assert traced.experimental_get_tracing_count() == 1
