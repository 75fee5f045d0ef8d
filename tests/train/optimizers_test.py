import dataclasses

import keras
import numpy as np
import tensorflow as tf

from tfdood.models.learning import ParameterGroup
from tfdood.settings.schema import Training
from train import optimizers

_CONSTANT = Training(decay_steps=0, warmup_steps=0)
_STEP = tf.constant(0, tf.int64)


def _variables(count):
    return [keras.Variable(tf.fill([2, 3], float(i))) for i in range(count)]


def _gradients(count, seed=0):
    return list(tf.random.stateless_normal([count, 2, 3], [seed, 0]))


def test_first_update_of_each_group_is_its_learning_rate():
    slow, fast = _variables(2), _variables(1)
    adam = optimizers.GroupedOptimizer(
        {
            "slow": ParameterGroup(slow, 1e-3),
            "fast": ParameterGroup(fast, 1e-1),
            "none": ParameterGroup([], 1.0),
        },
        _CONSTANT,
    )
    assert adam.variables == slow + fast
    before = [np.array(v) for v in adam.variables]
    gradients = _gradients(3)
    adam.apply(gradients, _STEP)
    # Adam's first step is the learning rate against the gradient's sign.
    for v, old, gradient, rate in zip(
        adam.variables, before, gradients, [1e-3, 1e-3, 1e-1], strict=True
    ):
        np.testing.assert_allclose(
            v - old, -rate * np.sign(gradient), rtol=1e-3
        )


def test_group_without_learning_rate_uses_that_of_the_training():
    own, common = _variables(1), _variables(1)
    training = dataclasses.replace(_CONSTANT, learning_rate=0.05)
    adam = optimizers.GroupedOptimizer(
        {"own": ParameterGroup(own, 0.01), "common": ParameterGroup(common)},
        training,
    )
    gradients = _gradients(2)
    adam.apply(gradients, _STEP)
    for (variable,), gradient, rate in zip(
        (own, common), gradients, (0.01, 0.05), strict=True
    ):
        np.testing.assert_allclose(
            variable, -rate * np.sign(gradient), rtol=1e-3
        )


def test_update_of_one_replica_equals_update_without_strategy():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        (variable,) = _variables(1)
        adam = optimizers.GroupedOptimizer(
            {"all": ParameterGroup([variable], 0.01)}, _CONSTANT
        )
    before = np.array(variable)
    (gradient,) = _gradients(1)
    strategy.run(tf.function(lambda: adam.apply([gradient], _STEP)))
    expected = -0.01 * np.sign(gradient)
    np.testing.assert_allclose(variable - before, expected, rtol=1e-3)


def test_updates_follow_the_formula_of_adam():
    (variable,) = _variables(1)
    adam = optimizers.GroupedOptimizer(
        {"all": ParameterGroup([variable], 0.01)}, _CONSTANT
    )
    value, m, v = np.array(variable), 0.0, 0.0
    for step in range(1, 6):
        (gradient,) = _gradients(1, seed=step)
        adam.apply([gradient], tf.constant(step - 1, tf.int64))
        gradient = gradient.numpy()
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        unbiased = m / (1 - 0.9**step), v / (1 - 0.999**step)
        value -= 0.01 * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
        np.testing.assert_allclose(variable, value, rtol=1e-4, atol=1e-6)


def test_updates_follow_the_formula_of_rmsprop():
    (variable,) = _variables(1)
    training = dataclasses.replace(_CONSTANT, optimizer="rmsprop")
    rmsprop = optimizers.GroupedOptimizer(
        {"all": ParameterGroup([variable], 0.01)}, training
    )
    value, v = np.array(variable), 0.0
    for step in range(5):
        (gradient,) = _gradients(1, seed=step)
        rmsprop.apply([gradient], tf.constant(step, tf.int64))
        gradient = gradient.numpy()
        v = 0.99 * v + 0.01 * gradient**2
        value -= 0.01 * gradient / (np.sqrt(v) + 1e-8)
        np.testing.assert_allclose(variable, value, rtol=1e-4, atol=1e-6)


def test_count_of_a_group_starts_at_its_first_step():
    late, early = _variables(2)
    adam = optimizers.GroupedOptimizer(
        {
            "late": ParameterGroup([late], 0.01, first_step=1_000),
            "early": ParameterGroup([early], 0.01),
        },
        _CONSTANT,
    )
    start, zero = np.array(late), tf.zeros([2, 3])
    for step in (0, 1, 999):
        adam.apply([zero, zero], tf.constant(step, tf.int64))
    np.testing.assert_allclose(late, start, atol=1e-8)
    (gradient,) = _gradients(1)
    steps = []
    for step in range(1_000, 1_010):
        before = np.array(late), np.array(early)
        adam.apply([gradient, gradient], tf.constant(step, tf.int64))
        steps.append([np.abs(late - before[0]), np.abs(early - before[1])])
    # A constant gradient moves a weight by the learning rate in each step. If
    # the count includes the steps without a gradient, the steps are too large.
    of_late, of_early = np.swapaxes(steps, 0, 1)
    np.testing.assert_allclose(of_late, 0.01, rtol=1e-3)
    assert of_early.max() > 0.04
    counts = [int(o.iterations) for o in adam.checkpointed().values()]
    assert counts == [10, 1_010]


def test_learning_rate_of_a_late_group_follows_the_step_of_the_run():
    (late,) = _variables(1)
    training = Training(num_steps=100, decay_steps=50, warmup_steps=0)
    adam = optimizers.GroupedOptimizer(
        {"late": ParameterGroup([late], 0.01, first_step=75)}, training
    )
    before = np.array(late)
    adam.apply(_gradients(1), tf.constant(75, tf.int64))
    expected = 0.01 * (0.5 - 0.5 * np.cos(0.5 * np.pi))
    np.testing.assert_allclose(np.abs(late - before), expected, rtol=1e-3)


def test_only_groups_without_own_learning_rate_are_clipped():
    """Adam's second moment shows the size of the gradients that it got."""
    clipped, free = _variables(2), _variables(1)
    adam = optimizers.GroupedOptimizer(
        {
            "clipped": ParameterGroup(clipped),
            "free": ParameterGroup(free, 0.1),
        },
        dataclasses.replace(_CONSTANT, clip_norm=2.0),
    )
    gradients = [100.0 * g for g in _gradients(3)]
    norms = adam.apply(gradients, _STEP)
    expected = np.linalg.norm(np.stack(gradients[:2]))
    np.testing.assert_allclose(norms["clipped"], expected, rtol=1e-5)
    np.testing.assert_allclose(
        norms["free"], np.linalg.norm(gradients[2]), rtol=1e-5
    )
    kept = adam.checkpointed()
    seen = [
        np.sqrt(sum(np.sum(v) / 0.001 for v in kept[name]._velocities))
        for name in ("clipped_optimizer", "free_optimizer")
    ]
    np.testing.assert_allclose(seen, [2.0, norms["free"]], rtol=1e-3)
