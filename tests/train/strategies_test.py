import pathlib
import subprocess
import sys

import pytest

from train import errors, strategies

# Logical devices must be made before TensorFlow starts, so in a new process.
_SCRIPT = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
part = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [part, part])
from train import errors, strategies

class Trainer:
    def __init__(self):
        self.weight = tf.Variable(0.0)
    def replica_step(self, images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.weight - images) ** 2)
        context = tf.distribute.get_replica_context()
        gradient = tape.gradient(loss, self.weight)
        gradient = context.all_reduce(tf.distribute.ReduceOp.MEAN, gradient)
        self.weight.assign_sub(0.1 * gradient)
        return {"loss": loss}
    train_step = replica_step

images = tf.reshape(tf.range(8.0), [8, 1, 1, 1])
alone = Trainer()
train_alone = strategies.train_step(tf.distribute.get_strategy(), alone)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    mirrored = Trainer()
train_mirrored = strategies.train_step(strategy, mirrored)
for _ in range(3):
    expected, got = train_alone(images), train_mirrored(images)
    tf.debugging.assert_near(expected["loss"], got["loss"])
tf.debugging.assert_near(alone.weight, mirrored.weight)
assert mirrored.weight.numpy() > 1.0
strategies.check_batch_size(strategy, 8)
try:
    strategies.check_batch_size(strategy, 7)
except errors.RunError as error:
    assert "multiple of the 2 replicas, got 7; try --batch_size=6" in str(error)
else:
    raise AssertionError
"""


def test_two_replicas_train_like_one():
    subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        cwd=pathlib.Path(strategies.__file__).parents[1],
        check=True,
    )


def test_one_device_is_the_default_and_the_chief():
    strategy = strategies.make("none")
    assert strategy.num_replicas_in_sync == 1
    assert strategies.worker_folder(strategy) == ""
    strategies.check_batch_size(strategy, 7)


def test_unknown_strategy():
    with pytest.raises(errors.RunError, match="'tpu'.*none, mirrored"):
        strategies.make("tpu")
