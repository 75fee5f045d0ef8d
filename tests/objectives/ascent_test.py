import numpy as np
import pytest
import tensorflow as tf

from tfdood.objectives import ascent


def _quadratic(target):
    """Scores with their maximum, 0, at the target."""

    def score(at, number):
        del number
        return -tf.reduce_sum((at["x"] - target) ** 2, (1, 2)) - at["y"] ** 2

    return score


def _start(count=3):
    return {"x": tf.zeros([count, 2, 2]), "y": tf.ones([count])}


def test_reaches_the_maximum_of_each_row():
    target = tf.reshape(tf.range(12.0), [3, 2, 2]) / 12.0
    found = ascent.ascend(
        _quadratic(target), _start(), {"x": 0.05, "y": 0.05}, 200, 0.0
    )
    np.testing.assert_allclose(found.best["x"], target, atol=0.01)
    np.testing.assert_allclose(found.best["y"], np.zeros(3), atol=0.01)
    np.testing.assert_allclose(found.score, np.zeros(3), atol=1e-3)


def test_first_steps_are_those_of_adam():
    """Steps of constant gradients have the size of the rate."""

    def score(at, number):
        del number
        return 3.0 * at

    for last_share, expected in ((1.0, 0.4), (0.0, 0.1 * (4 + 3 + 2 + 1) / 4)):
        found = ascent.ascend(score, tf.zeros([1]), 0.1, 4, last_share)
        np.testing.assert_allclose(found.last, [expected], rtol=1e-4)


def test_equals_the_optimizer_of_keras():
    optimizer = tf.keras.optimizers.Adam(0.1, 0.9, 0.99, epsilon=1e-8)
    variable = tf.Variable([2.0, -1.0])
    for _ in range(7):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.cosh(variable))
        optimizer.apply([tape.gradient(loss, variable)], [variable])
    found = ascent.ascend(
        lambda at, _: -tf.cosh(at), tf.constant([2.0, -1.0]), 0.1, 7
    )
    np.testing.assert_allclose(found.last, variable, rtol=1e-5)


def test_keeps_the_best_point_of_an_ascent_that_overshoots():
    start = tf.constant([0.1, 3.0])
    found = ascent.ascend(lambda at, _: -tf.abs(at), start, 2.0, 3)
    assert found.score[0] == -0.1  # The start: exact.
    np.testing.assert_allclose(found.best[0], 0.1)
    assert abs(found.last[0]) > 0.1
    assert found.score[1] > -3.0


def test_rows_may_have_their_own_rates_and_numbers_of_steps():
    start, score = tf.zeros([3]), lambda at, _: at
    found = ascent.ascend(
        score, start, tf.constant([0.1, 0.1, 0.0]), tf.constant([2, 5, 5])
    )
    np.testing.assert_allclose(found.last, [0.2, 0.5, 0.0], rtol=1e-4)
    # What a row reaches does not depend on the others.
    alone = ascent.ascend(score, start[:1], 0.1, 2)
    np.testing.assert_allclose(alone.last, found.last[:1], rtol=1e-5)


def test_no_steps_score_the_start():
    found = ascent.ascend(lambda at, _: 2.0 * at, tf.constant([3.0]), 0.1, 0)
    np.testing.assert_allclose(found.score, [6.0])
    np.testing.assert_allclose(found.last, [3.0])


def test_numbers_of_steps_reach_the_score():
    """The gradient of the n-th step is n: so is the score of the n-th point."""
    found = ascent.ascend(
        lambda at, number: number * (1.0 + 0.0 * at), tf.zeros([1]), 0.1, 6
    )
    np.testing.assert_allclose(found.score, [7.0])


@pytest.mark.parametrize("num_steps", [2, 50])
def test_the_graph_does_not_grow_with_the_steps(num_steps):
    @tf.function(autograph=False)
    def run(start):
        return ascent.ascend(lambda at, _: -(at**2), start, 0.1, num_steps)

    graph = run.get_concrete_function(tf.TensorSpec([2])).graph.as_graph_def()
    count = len(graph.node) + sum(
        len(function.node_def) for function in graph.library.function
    )
    assert count < 200
