import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import types

import pytest
import tensorflow as tf

from tfdood.saved import runs
from tfdood.settings import schema
from train import strategies

# Logical devices must be made before TensorFlow starts, so in a new process.
_START = """
import dataclasses
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
part = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [part, part])
import keras
from tfdood import data, types
from tfdood.models import learning
from tfdood.objectives import nvil
from tfdood.saved import runs
from tfdood.settings import presets, schema, text
from train import optimizers, step, strategies

def assert_near(a, b, atol=1e-6):
    tf.debugging.assert_near(a, b, rtol=1e-5, atol=atol)

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
"""
_A_WEIGHT = """
class Trainer:
    def __init__(self):
        self.weight = keras.Variable(0.0)
        self.adam = optimizers.GroupedOptimizer(
            {"all": learning.ParameterGroup([self.weight], 0.5)},
            schema.Training(decay_steps=0),
        )
    def replica_step(self, batch):
        labels = tf.cast(batch.labels, tf.float32)
        with tf.GradientTape() as tape:
            weight = tf.convert_to_tensor(self.weight)
            tape.watch(weight)
            loss = tf.reduce_mean((weight - batch.images[:, 0, 0, 0]) ** 2)
            loss += tf.reduce_mean((weight - labels) ** 2)
            if batch.strokes is not None:
                numbers = tf.cast(batch.strokes.num_control_points, tf.float32)
                loss += tf.reduce_mean((weight - numbers) ** 2)
        context = tf.distribute.get_replica_context()
        gradient = tape.gradient(loss, weight)
        gradient = context.all_reduce(tf.distribute.ReduceOp.MEAN, gradient)
        self.adam.apply([gradient], tf.constant(0, tf.int64))
        return {"loss": loss}
    train_step = replica_step
    def second_moment(self):
        (velocity,) = self.adam.checkpointed()["all_optimizer"]._velocities
        return tf.convert_to_tensor(velocity)

numbers = tf.reshape(tf.range(24), [8, 3])
batch = data.Batch(
    images=tf.reshape(tf.range(8.0), [8, 1, 1, 1]),
    labels=tf.constant([3, 1, 4, 1, 5, 9, 2, 6], tf.int64),
    strokes=types.SplineStrokes(tf.zeros([8, 3, 4, 2]), numbers),
)
alone = Trainer()
train_alone = strategies.train_step(tf.distribute.get_strategy(), alone)
with strategy.scope():
    mirrored = Trainer()
train_mirrored = strategies.train_step(strategy, mirrored)
for _ in range(3):
    expected, got = train_alone(batch), train_mirrored(batch)
    assert_near(expected["loss"], got["loss"])
assert_near(
    tf.convert_to_tensor(alone.weight), tf.convert_to_tensor(mirrored.weight)
)
# Adam's second moment shows how large the gradients were; its steps do not.
assert_near(alone.second_moment(), mirrored.second_moment())
assert mirrored.weight.numpy() > 1.0

for changes, message in [
    ({"batch_size": 7}, "multiple of the 2 replicas, got 7; try"),
    ({"jit_compile": True}, "--jit_compile works on one device only"),
]:
    try:
        strategies.check(strategy, schema.Training(**changes))
    except runs.RunError as error:
        assert message in str(error)
    else:
        raise AssertionError(message)
strategies.check(strategy, schema.Training(batch_size=8))
"""
_A_MODEL = """
# A model of strokes: each replica has its own seed, all have equal weights.
settings = [
    "model.image_size=20", "model.glimpse_size=10", "model.num_strokes=2",
    "model.width=8", "model.num_mixtures=2", "objective.collages=0",
    "objective.presence_warmup_steps=0",
]
images = tf.random.stateless_uniform([8, 20, 20, 1], [3, 4])
images *= tf.reshape(tf.linspace(0.0, 1.0, 8), [8, 1, 1, 1])
batch = data.Batch(images, tf.zeros([8], tf.int64))

# With NVIL, the moments of its signal are those of the whole batch.
run = text.override(
    presets.get("dood", "mnist"),
    [*settings, "objective.presence_gradient=nvil"],
)
with strategy.scope():
    mirrored = step.Trainer(run)
strategies.train_step(strategy, mirrored)(batch)
moments = mirrored.learner._moments
assert moments.started.numpy() == 1.0
for variable in mirrored.learner.state():
    values = strategy.experimental_local_results(variable)
    assert len(values) == 2
    # Both are one all-reduced number: exact.
    tf.debugging.assert_equal(values[0], values[1])

def whole_moments(values):
    total = lambda x: tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, x
    )
    mask = tf.ones_like(values)
    start = nvil.initial_moments()
    return nvil.update_moments(start, values, mask, 0.8, total)

per_replica = strategy.experimental_distribute_values_from_function(
    lambda context: images[4 * context.replica_id_in_sync_group :][:4]
)
found = strategy.run(tf.function(whole_moments), [per_replica])
for got in strategy.experimental_local_results(found.variance):
    assert_near(got, tf.math.reduce_variance(images))

# With the exact gradient, two replicas equal the mean of two lessons.
run = text.override(presets.get("dood", "mnist"), settings)
with strategy.scope():
    mirrored = step.Trainer(run)
alone = step.Trainer(run)
seed = tf.random.fold_in(tf.constant([run.training.seed, 0]), 0)
lessons = [
    alone._learn(
        data.Batch(*(field[4 * i : 4 * i + 4] for field in batch[:2])),
        tf.random.fold_in(seed, i),
    )
    for i in range(2)
]
mean = lambda *values: tf.add_n(values) / 2
gradients, losses = zip(*lessons)
alone._optimizers.apply(
    [mean(*pair) for pair in zip(*gradients)], alone.step
)
statistics = tf.nest.map_structure(mean, *(l.statistics for l in losses))
alone.learner.update(statistics, alone.step)
metrics = strategies.train_step(strategy, mirrored)(batch)
for name, expected in tf.nest.map_structure(
    mean, *(l.metrics for l in losses)
).items():
    tf.debugging.assert_near(expected, metrics[name], rtol=1e-3, atol=1e-4)
velocities = [
    [
        velocity
        for optimizer in trainer._optimizers.checkpointed().values()
        for velocity in optimizer._velocities
    ]
    for trainer in (alone, mirrored)
]
for expected, got in zip(*velocities):
    tf.debugging.assert_near(expected, got, rtol=1e-3)
for expected, got in zip(
    [alone.model.typical_pen, *alone.learner.state()],
    [mirrored.model.typical_pen, *mirrored.learner.state()],
):
    assert_near(
        tf.convert_to_tensor(expected), tf.convert_to_tensor(got), atol=1e-5
    )
"""


@pytest.mark.parametrize(
    "learned",
    [
        pytest.param(_A_WEIGHT, id="weight"),
        pytest.param(_A_MODEL, id="model", marks=pytest.mark.slow),
    ],
)
def test_two_replicas_equal_one_device(learned):
    subprocess.run(
        [sys.executable, "-c", _START + learned],
        cwd=pathlib.Path(strategies.__file__).parents[1],
        check=True,
    )


def test_default_strategy_is_one_device_and_the_chief():
    strategy = strategies.make("none")
    assert strategy.num_replicas_in_sync == 1
    assert strategies.worker_folder(strategy) == ""
    training = schema.Training(batch_size=7, jit_compile=True)
    strategies.check(strategy, training)


@pytest.mark.parametrize(
    ("jobs", "task", "expected"),
    [
        (["worker"], ("worker", 0), ""),
        (["worker"], ("worker", 1), "worker_1"),
        (["chief", "worker"], ("chief", 0), ""),
        (["chief", "worker"], ("worker", 0), "worker_0"),
    ],
)
def test_one_task_is_the_chief(jobs, task, expected):
    cluster = tf.train.ClusterSpec({job: ["a:1", "b:1"] for job in jobs})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster, task_type=task[0], task_id=task[1]
    )
    strategy = types.SimpleNamespace(cluster_resolver=resolver)
    assert strategies.worker_folder(strategy) == expected


@pytest.mark.parametrize("cluster", ["{", '{"cluster": 3}'])
def test_a_wrong_cluster_is_one_sentence(monkeypatch, cluster):
    monkeypatch.setenv("TF_CONFIG", cluster)
    with pytest.raises(ValueError, match="^The environment variable TF_CONFIG"):
        strategies.make("multiworker")


def test_single_worker_stops_when_it_wants_to():
    any_worker = strategies.any_worker(strategies.make("none"))
    assert [any_worker(said) for said in (True, False)] == [True, False]


def _start_two_workers(folder, *settings, of_worker_1=()):
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    workers = [f"127.0.0.1:{port}" for port in ports]
    processes = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        cluster = {"cluster": {"worker": workers}, "task": task}
        arguments = [
            "--dataset=mnist",
            "--strategy=multiworker",
            f"--run_dir={folder}",
            "--batch_size=4",
            "--set=model.width=8",
            "--set=model.num_strokes=2",
            "--set=training.log_every=2",
            "--set=training.num_evaluation_images=2",
            *settings,
            *(of_worker_1 if index else ()),
        ]
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "train.main", *arguments],
                cwd=pathlib.Path(strategies.__file__).parents[1],
                env=os.environ | {"TF_CONFIG": json.dumps(cluster)},
            )
        )
    return processes


@pytest.mark.slow
def test_two_workers_over_loopback_write_equal_metrics(tmp_path):
    """Both train the same model, and the chief's folder holds the run."""
    processes = _start_two_workers(tmp_path, "--num_steps=4")
    assert [process.wait(600) for process in processes] == [0, 0]
    chief = (tmp_path / "metrics.jsonl").read_text()
    # The same route, repeated: exact.
    assert chief == (tmp_path / "worker_1" / "metrics.jsonl").read_text()
    assert json.loads(chief.splitlines()[-1])["step"] == 4


@pytest.mark.slow
def test_two_workers_with_different_seeds_do_not_start(tmp_path):
    processes = _start_two_workers(
        tmp_path, "--num_steps=4", of_worker_1=["--seed=5"]
    )
    assert [process.wait(600) for process in processes] == [2, 2]
    assert not (tmp_path / "metrics.jsonl").exists()


@pytest.mark.slow
def test_a_signal_to_one_worker_stops_both_after_the_same_step(tmp_path):
    processes = _start_two_workers(tmp_path, "--num_steps=1000000")
    records = tmp_path / "metrics.jsonl"
    try:
        while not (records.exists() and records.stat().st_size):
            assert [process.poll() for process in processes] == [None, None]
            time.sleep(0.1)
        processes[1].terminate()
        assert [process.wait(600) for process in processes] == [143, 143]
    finally:
        for process in processes:
            process.kill()
    chief, other = (
        runs.saved_steps(folder / "checkpoints")
        for folder in (tmp_path, tmp_path / "worker_1")
    )
    assert chief[0] == other[0]
