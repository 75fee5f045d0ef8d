import numpy as np
import scipy.stats
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.models.gns import token


def _token(**changes):
    nothing = token.Token(
        tf.zeros([4, 3, 2]),
        tf.zeros([4, 3, 5, 2]),
        tf.ones([4, 1]) * token.AFFINE_MEAN,
    )
    return nothing._replace(**changes)


def test_samples_have_the_moments_of_the_constants():
    found = token.sample(20_000, 2, 2, tf.constant([1, 2]))
    np.testing.assert_allclose(
        found.starts.numpy().std((0, 1)), token.START_STD, rtol=0.02
    )
    np.testing.assert_allclose(
        found.points.numpy().std((0, 1, 2)), token.POINT_STD, rtol=0.02
    )
    covariance = np.cov(found.affine.numpy().T)
    np.testing.assert_allclose(
        covariance[:2, :2], token.SCALE_COVARIANCE, atol=2e-3
    )
    np.testing.assert_allclose(
        covariance[2:, 2:], np.diag(token.SHIFT_STD) ** 2, atol=0.8
    )
    np.testing.assert_allclose(
        found.affine.numpy().mean(0), token.AFFINE_MEAN, atol=0.12
    )


def test_log_prob_is_a_sum_of_normals_without_padding():
    strokes = drawings.strokes()
    found = token.sample(4, 3, 5, tf.constant([3, 4]))
    log_prob = token.log_prob(strokes, found)
    covariance = np.diag([0.0, 0.0, *np.square(token.SHIFT_STD)])
    covariance[:2, :2] = token.SCALE_COVARIANCE
    for b, numbers in enumerate(drawings.NUMBERS):
        expected = scipy.stats.multivariate_normal.logpdf(
            found.affine[b], token.AFFINE_MEAN, covariance
        )
        for t, number in enumerate(numbers):
            if number:
                expected += scipy.stats.norm.logpdf(
                    found.starts[b, t], scale=token.START_STD
                ).sum()
            expected += scipy.stats.norm.logpdf(
                found.points[b, t, :number], scale=token.POINT_STD
            ).sum()
        np.testing.assert_allclose(log_prob[b], expected, rtol=1e-4)


def test_affine_scales_about_the_mean_of_all_control_points():
    strokes = drawings.strokes()
    same = token.apply(strokes, _token())
    np.testing.assert_allclose(
        same.control_points, strokes.control_points, atol=1e-4
    )
    affine = tf.ones([4, 1]) * [2.0, 0.5, 3.0, -1.0]
    moved = token.apply(strokes, _token(affine=affine)).control_points.numpy()
    for b in range(3):
        is_point = np.arange(5) < drawings.NUMBERS[b][:, np.newaxis]
        before = strokes.control_points[b].numpy()[is_point]
        after = moved[b][is_point]
        np.testing.assert_allclose(
            after.mean(0), before.mean(0) + [3.0, -1.0], atol=1e-3
        )
        np.testing.assert_allclose(
            after.std(0), before.std(0) * [2.0, 0.5], rtol=1e-4
        )
        np.testing.assert_array_equal(moved[b][~is_point], 0.0)


def test_starts_shift_whole_strokes():
    strokes = drawings.strokes()
    shift = tf.constant([[1.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    moved = token.apply(strokes, _token(starts=tf.ones([4, 1, 1]) * shift))
    difference = (moved.control_points - strokes.control_points)[0]
    np.testing.assert_allclose(difference[0, :3], [[1.0, 2.0]] * 3, atol=1e-4)
    np.testing.assert_allclose(difference[1:], 0.0, atol=1e-4)


def test_strokes_do_not_depend_on_padding():
    seed = tf.constant([[3, 4], [5, 6]])
    few, many = (token.sample(2, count, 5, seed) for count in (2, 3))
    np.testing.assert_array_equal(few.affine, many.affine)
    np.testing.assert_array_equal(few.starts, many.starts[:, :2])
    np.testing.assert_array_equal(few.points, many.points[:, :2])
