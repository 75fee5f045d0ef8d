import keras
import numpy as np
import tensorflow as tf

from tfdood.settings.schema import TrainingConfig
from train import optimizers

_CONSTANT = TrainingConfig(decay_steps=0, warmup_steps=0)


def _variables(count):
    return [keras.Variable(tf.fill([2, 3], float(i))) for i in range(count)]


def _gradients(count, seed=0):
    return list(tf.random.stateless_normal([count, 2, 3], [seed, 0]))


def test_each_group_moves_by_its_learning_rate():
    slow, fast = _variables(2), _variables(1)
    adam = optimizers.GroupedAdam(
        {
            "slow": optimizers.Group(slow, 1e-3),
            "fast": optimizers.Group(fast, 1e-1),
            "none": optimizers.Group([], 1.0),
        },
        _CONSTANT,
    )
    assert adam.variables == slow + fast
    before = [np.array(v) for v in adam.variables]
    gradients = _gradients(3)
    adam.apply(gradients)
    # Adam's first step is the learning rate against the gradient's sign.
    for v, old, gradient, rate in zip(
        adam.variables, before, gradients, [1e-3, 1e-3, 1e-1], strict=True
    ):
        np.testing.assert_allclose(
            v - old, -rate * np.sign(gradient), rtol=1e-3
        )


def test_one_replica_moves_like_none():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        (variable,) = _variables(1)
        adam = optimizers.GroupedAdam(
            {"all": optimizers.Group([variable], 0.01)}, _CONSTANT
        )
    before = np.array(variable)
    (gradient,) = _gradients(1)
    strategy.run(tf.function(lambda: adam.apply([gradient])))
    expected = -0.01 * np.sign(gradient)
    np.testing.assert_allclose(variable - before, expected, rtol=1e-3)


def test_follows_the_formula_of_adam():
    (variable,) = _variables(1)
    adam = optimizers.GroupedAdam(
        {"all": optimizers.Group([variable], 0.01)}, _CONSTANT
    )
    value, m, v = np.array(variable), 0.0, 0.0
    for step in range(1, 6):
        (gradient,) = _gradients(1, seed=step)
        adam.apply([gradient])
        gradient = gradient.numpy()
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        unbiased = m / (1 - 0.9**step), v / (1 - 0.999**step)
        value -= 0.01 * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
        np.testing.assert_allclose(variable, value, rtol=1e-4, atol=1e-6)


def test_clips_the_norm_of_its_own_group_alone():
    """After a large gradient, Adam's second moment tells what it saw."""
    clipped, free = _variables(2), _variables(1)
    adam = optimizers.GroupedAdam(
        {
            "clipped": optimizers.Group(clipped, 0.1, clip_norm=2.0),
            "free": optimizers.Group(free, 0.1),
        },
        _CONSTANT,
    )
    gradients = [100.0 * g for g in _gradients(3)]
    norms = adam.apply(gradients)
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
