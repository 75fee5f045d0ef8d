import numpy as np
import pytest
import tensorflow as tf

from tfdood.evaluate.measures import ascent


def _bowl(goal_a, goal_b):
    """Scores that are largest, 0, at known variables."""

    def score(at):
        a, b = at
        return -tf.reduce_sum((a - goal_a) ** 2, -1) - tf.reduce_sum(
            (b - goal_b) ** 2, (-2, -1)
        )

    return score


def _start(count):
    return tf.zeros([count, 2]), tf.zeros([count, 3, 2])


def test_finds_the_maximum_of_each_row():
    rng = np.random.default_rng(0)
    goals = [rng.normal(size=x.shape).astype(np.float32) for x in _start(4)]
    best_score, best = ascent.maximise(
        _bowl(*goals), _start(4), (0.3, 0.3), tf.constant(150)
    )
    np.testing.assert_allclose(best_score, 0.0, atol=1e-3)
    for found, goal in zip(best, goals, strict=True):
        np.testing.assert_allclose(found, goal, atol=0.02)


def test_no_steps_score_the_start():
    score = _bowl(1.0, 2.0)
    best_score, best = ascent.maximise(
        score, _start(3), (0.3, 0.3), tf.constant(0)
    )
    np.testing.assert_allclose(best_score, -2.0 - 6 * 4.0)
    assert all(np.all(x == 0.0) for x in best)


def test_the_first_step_is_the_rate_and_the_second_half_of_it():
    def score(at):
        return tf.reduce_sum(at[0], -1) + 3.0 * tf.reduce_sum(at[1], (-2, -1))

    for num_steps, moved in ((1, 1.0), (2, 1.0 + 0.5)):
        _, best = ascent.maximise(
            score, _start(1), (0.1, 0.01), tf.constant(num_steps)
        )
        for x, rate in zip(best, (0.1, 0.01), strict=True):
            np.testing.assert_allclose(x, rate * moved, rtol=1e-4)


def test_the_best_seen_is_kept_where_steps_overshoot():
    score = _bowl(tf.constant([[0.0, 0.0], [5.0, 5.0]]), 0.0)
    best_score, best = ascent.maximise(
        score, _start(2), (4.0, 0.0), tf.constant(1)
    )
    np.testing.assert_allclose(best[0], [[0.0, 0.0], [4.0, 4.0]], rtol=1e-5)
    assert best_score.numpy() == pytest.approx([0.0, -2.0], rel=1e-4)


def test_variables_that_do_not_matter_stay():
    _, best = ascent.maximise(
        lambda at: -tf.reduce_sum((at[0] - 1.0) ** 2, -1),
        _start(2),
        (0.1, 0.1),
        tf.constant(5),
    )
    np.testing.assert_array_equal(best[1], np.zeros([2, 3, 2]))
    assert np.all(best[0] > 0.0)
