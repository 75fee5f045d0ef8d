import numpy as np
import tensorflow as tf

from tfdood.objectives import schedules
from tfdood.settings.objectives import PixelObjective
from tfdood.settings.schema import Training


def test_learning_rate_increases_then_is_constant_then_decreases():
    training = Training(num_steps=100, warmup_steps=10, decay_steps=20)
    schedule = schedules.WarmupThenCosine(2.0, training)
    rates = [float(schedule(s)) for s in [0, 4, 9, 50, 80, 90, 100]]
    expected = [0.2, 1.0, 2.0, 2.0, 2.0, 1.0, 0.0]
    np.testing.assert_allclose(rates, expected, atol=1e-6)


def test_learning_rate_of_short_runs_decreases_in_the_second_half():
    training = Training(num_steps=100, decay_steps=3_000)
    schedule = schedules.WarmupThenCosine(2.0, training)
    rates = [float(schedule(s)) for s in [0, 50, 75, 100]]
    np.testing.assert_allclose(rates, [2.0, 2.0, 1.0, 0.0], atol=1e-6)


def test_learning_rate_is_constant_without_warmup_and_decay():
    schedule = schedules.WarmupThenCosine(
        2.0, Training(decay_steps=0, warmup_steps=0)
    )
    assert [float(schedule(s)) for s in [0, 10, 10**6]] == [2.0] * 3


def test_scale_bound_is_constant_then_decreases_geometrically_to_the_floor():
    objective = PixelObjective(
        scale_hold=0.16, scale_hold_steps=10, scale_anneal_steps=4
    )
    bounds = [
        float(schedules.scale_bound(objective, 0.01, tf.constant(s)))
        for s in [0, 10, 12, 14, 100]
    ]
    expected = [0.16, 0.16, 0.04, 0.01, 0.01]
    np.testing.assert_allclose(bounds, expected, rtol=1e-5)


def test_scale_bound_is_never_below_its_floor():
    objective = PixelObjective(
        scale_hold=0.16, scale_hold_steps=10, scale_anneal_steps=4
    )
    high = schedules.scale_bound(objective, 0.3, tf.constant(12))
    np.testing.assert_allclose(high, 0.3, rtol=1e-5)


def test_smoothing_decreases_linearly_to_zero():
    objective = PixelObjective(smoothing=3.0, smoothing_steps=10)
    stds = [
        float(schedules.smoothing_std(objective, tf.constant(s)))
        for s in [0, 5, 10, 100]
    ]
    np.testing.assert_allclose(stds, [3.0, 1.5, 0.0, 0.0], atol=1e-6)


def test_schedules_without_steps_are_at_their_ends_at_once():
    objective = PixelObjective(
        scale_hold=0.16, scale_hold_steps=0, scale_anneal_steps=0
    )
    start = tf.constant(0, tf.int64)
    bound = schedules.scale_bound(objective, 0.01, start)
    np.testing.assert_allclose(bound, 0.01, rtol=1e-5)
    objective = PixelObjective(smoothing=3.0, smoothing_steps=0)
    assert float(schedules.smoothing_std(objective, start)) == 0.0


def test_linear_is_constant_then_changes_then_is_constant():
    steps = [0, 10, 15, 20, 100]
    values = [
        float(schedules.linear(tf.constant(step), 4.0, 2.0, 20, 10))
        for step in steps
    ]
    np.testing.assert_allclose(values, [4.0, 4.0, 3.0, 2.0, 2.0])


def test_linear_without_steps_has_its_end_from_the_first_step():
    value = schedules.linear(tf.constant(0, tf.int64), 4.0, 2.0, 0)
    np.testing.assert_allclose(value, 2.0)
