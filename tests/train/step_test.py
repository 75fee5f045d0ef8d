"""The step of training, with a stub of a `Trainable` and with a real one."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import data, models
from tfdood.models import base, learning
from tfdood.saved import runs
from tfdood.settings import presets, text
from train import checkpoints, step
from train import metrics as metrics_lib

_PLAIN = text.override(
    presets.get("dood", "mnist"),
    ["training.decay_steps=0", "training.learning_rate=0.01"],
)
_NUM_STEPS, _SAVED_STEP = 5, 2
_MEASURES = {"iwae": [1.0, 2.0, 6.0]}


def _batch(number=0):
    images = tf.random.stateless_uniform([8, 20, 20, 1], [5, number]) ** 4
    return data.Batch(images, tf.fill([8], tf.constant(number, tf.int64)))


def _values(variables):
    return [np.array(v) for v in variables]


class _StubModel(keras.Model):
    """Has three weights, one that does not learn, and one in a list."""

    def __init__(self):
        super().__init__()
        self.slow = self.add_weight(shape=[3], initializer="normal")
        self.fast = self.add_weight(shape=[2], initializer="normal")
        self.running = self.add_weight(shape=[], trainable=False)
        self.unused = self.add_weight(shape=[1], initializer="normal")
        self.is_unrolled = False
        self.built = True

    def unroll(self):
        self.is_unrolled = True

    def measures(self, batch, num_particles, seed):
        del batch
        values = tf.constant(_MEASURES["iwae"]) * tf.cast(
            num_particles, tf.float32
        )
        return {
            "iwae": values,
            "seed": tf.cast(seed, tf.float32),
            "length": base.Ratio(
                tf.constant([4.0, 6.0]), tf.constant([1.0, 3.0])
            ),
        }


class _StubLearner:
    """Pulls the weights to the mean of a batch, with noise from the seed."""

    headline = ("elbo",)

    def __init__(self, model):
        self.model = model
        self.counted = tf.Variable(0.0, trainable=False)

    def parameter_groups(self):
        return {
            "model": learning.ParameterGroup([self.model.slow]),
            "fast": learning.ParameterGroup([self.model.fast], 0.1),
        }

    def state(self):
        return [self.counted]

    def loss(self, batch, step, seed):
        noise = tf.random.stateless_normal([], seed)
        target = tf.reduce_mean(batch.images) + noise
        error = tf.reduce_sum((self.model.slow - target) ** 2)
        error += 2.0 * tf.reduce_sum(self.model.fast * target)
        error += 0.0 * tf.reduce_sum(self.model.unused)
        return learning.Loss(
            total=error,
            metrics={
                "noise": noise,
                "step": tf.cast(step, tf.float32),
                "label": tf.cast(batch.labels[0], tf.float32),
            },
            statistics={"target": target},
        )

    def update(self, statistics, step):
        self.model.running.assign(statistics["target"])
        self.counted.assign_add(tf.cast(step, tf.float32))


@pytest.fixture
def make_stub(monkeypatch):
    """Makes a trainer of the stub."""

    def make(*assignments):
        with monkeypatch.context() as patch:
            patch.setattr(models, "build", lambda _: _StubModel())
            patch.setattr(
                models, "trainable", lambda model, _: _StubLearner(model)
            )
            return step.Trainer(text.override(_PLAIN, assignments))

    return make


def test_step_updates_each_parameter_group_with_its_learning_rate(make_stub):
    trainer = make_stub()
    model = trainer.model
    slow, fast, unused = _values(model.trainable_variables)
    metrics = trainer.train_step(_batch())
    target = np.mean(_batch().images) + metrics["noise"]
    gradient = 2.0 * (slow - target)
    # Adam's first step is the learning rate against the gradient's sign.
    np.testing.assert_allclose(
        model.slow - slow, -0.01 * np.sign(gradient), rtol=1e-3
    )
    np.testing.assert_allclose(
        model.fast - fast, -0.1 * np.sign([target] * 2), rtol=1e-3
    )
    np.testing.assert_array_equal(model.unused, unused)
    # Norms of the group "model" have no prefix.
    np.testing.assert_allclose(
        metrics["gradient_norm"], np.linalg.norm(gradient), rtol=1e-5
    )
    np.testing.assert_allclose(
        metrics["fast_gradient_norm"],
        2.0 * np.sqrt(2.0) * abs(target),
        rtol=1e-5,
    )
    np.testing.assert_allclose(model.running, target, rtol=1e-6)


def test_loss_and_update_get_the_number_of_finished_steps(make_stub):
    trainer = make_stub()
    seen = [trainer.train_step(_batch(number)) for number in (3, 1, 4)]
    assert [float(m["step"]) for m in seen] == [0.0, 1.0, 2.0]
    assert [float(m["label"]) for m in seen] == [3.0, 1.0, 4.0]
    assert float(trainer.learner.counted) == 0.0 + 1.0 + 2.0
    assert int(trainer.step) == 3


def test_seeds_differ_between_steps_and_depend_on_the_seed_of_the_run(
    make_stub,
):
    def noise(*settings):
        trainer = make_stub(*settings)
        return [float(trainer.train_step(_batch())["noise"]) for _ in range(3)]

    first = noise()
    assert len(set(first)) == 3
    # The same route, repeated: exact.
    assert noise() == first
    assert not set(noise("training.seed=1")) & set(first)


def test_initial_weights_depend_on_the_seed_of_the_run(make_stub):
    same, again, different = (
        np.array(make_stub(f"training.seed={seed}").model.slow)
        for seed in (0, 0, 1)
    )
    # The same route, repeated: exact.
    np.testing.assert_array_equal(same, again)
    assert not np.allclose(same, different)


@pytest.mark.parametrize("jit", ["false", "true"])
def test_resumed_run_equals_uninterrupted_run(make_stub, tmp_path, jit):
    setting = f"training.jit_compile={jit}"
    whole = make_stub(setting)
    expected = []
    for number in range(_NUM_STEPS):
        if number == _SAVED_STEP:
            saved = checkpoints.Checkpoints(whole.checkpointed(), tmp_path)
            saved.save(number)
        expected.append(whole.train_step(_batch(number)))
    resumed = make_stub(setting, "training.seed=0")
    resumed.train_step(_batch(9))  # all of this is overwritten
    saved = checkpoints.Checkpoints(resumed.checkpointed(), tmp_path)
    assert saved.restore_latest() == _SAVED_STEP
    for number in range(_SAVED_STEP, _NUM_STEPS):
        got = resumed.train_step(_batch(number))
        # The same route, repeated: exact.
        assert {k: float(v) for k, v in got.items()} == {
            k: float(v) for k, v in expected[number].items()
        }
    for ours, theirs in zip(
        (*resumed.model.variables, *resumed.learner.state(), resumed.step),
        (*whole.model.variables, *whole.learner.state(), whole.step),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_compiled_and_uncompiled_gradients_are_exact(make_stub):
    plain, compiled = (
        make_stub(f"training.jit_compile={jit}") for jit in (False, True)
    )
    assert not plain.model.is_unrolled
    assert compiled.model.is_unrolled
    for trainer in (plain, compiled):
        batch = _batch()
        gradients, loss = trainer._learn(batch, tf.constant([1, 2]))
        assert float(loss.metrics["step"]) == 0.0
        # The closed form: random numbers differ under XLA.
        target = tf.reduce_mean(batch.images) + loss.metrics["noise"]
        slow = 2.0 * (trainer.model.slow - target)
        for ours, expected in zip(
            gradients, (slow, tf.fill([2], 2.0 * target)), strict=True
        ):
            np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def test_evaluation_averages_measures_and_changes_nothing(make_stub):
    trainer = make_stub()
    before = _values(trainer.model.variables)
    got = trainer.evaluate(_batch(), 4, tf.constant([1, 3]))
    assert {n: float(v.total / v.count) for n, v in got.items()} == {
        "iwae": 4.0 * np.mean(_MEASURES["iwae"]),
        "seed": 2.0,
        "length": 2.5,
    }
    assert int(trainer.step) == 0
    for new, old in zip(trainer.model.variables, before, strict=True):
        np.testing.assert_array_equal(new, old)


def test_settings_out_of_range_are_refused():
    broken = dataclasses.replace(
        _PLAIN, training=dataclasses.replace(_PLAIN.training, num_steps=0)
    )
    with pytest.raises(ValueError, match="training.num_steps must be"):
        step.Trainer(broken)


_TINY = (
    "model.image_size=20",
    "model.glimpse_size=10",
    "model.num_strokes=2",
    "model.width=8",
    "objective.presence_warmup_steps=2",
    "objective.scale_hold=0.02",
    "objective.scale_hold_steps=2",
    "objective.scale_anneal_steps=4",
    "training.decay_steps=0",
)
_RUNNING = "model.pixel_scale=running", "objective.scale_decay=0.5"
_NVIL = (
    *_TINY,
    *_RUNNING,
    "model.num_curve_points=20",
    "model.num_mixtures=2",
    "objective.collages=0",
    "objective.presence_gradient=nvil",
)


def _real(preset, *assignments):
    return text.override(presets.get(preset, "mnist"), assignments)


@dataclasses.dataclass
class _History:
    trainer: step.Trainer
    initial: list
    checkpoint: str
    metrics: list


@pytest.fixture(scope="module", name="history")
def _history(tmp_path_factory):
    """A few steps of DooD, saved halfway."""
    trainer = step.Trainer(_real("dood", *_NVIL))
    folder = tmp_path_factory.mktemp("history")
    initial = _values(trainer.model.trainable_variables)
    history = _History(trainer, initial, "", [])
    for number in range(4):
        if number == _SAVED_STEP:
            checkpoint = tf.train.Checkpoint(**trainer.checkpointed())
            history.checkpoint = checkpoint.save(folder / "saved")
        history.metrics.append(trainer.train_step(_batch()))
    return history


@pytest.mark.slow
def test_resumed_dood_equals_uninterrupted_dood_up_to_rounding(history):
    """`train.main` makes it exact, by the determinism of operations."""
    other = step.Trainer(history.trainer.config)
    status = tf.train.Checkpoint(**other.checkpointed()).restore(
        history.checkpoint
    )
    status.assert_existing_objects_matched()
    for metrics in history.metrics[_SAVED_STEP:]:
        got = other.train_step(_batch())
        assert set(got) == set(metrics)
        for name, value in metrics.items():
            np.testing.assert_allclose(
                got[name], value, rtol=1e-4, atol=1e-5, err_msg=name
            )
    for ours, theirs in zip(
        (*other.model.variables, *other.learner.state()),
        (*history.trainer.model.variables, *history.trainer.learner.state()),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_checkpoints_hold_the_whole_model(history, tmp_path):
    trainer = history.trainer
    checkpoints.Checkpoints(trainer.checkpointed(), tmp_path).save(4)
    model = models.build(trainer.config.model)
    assert runs.restore_model(model, tmp_path) == 4
    for ours, theirs in zip(
        model.variables, trainer.model.variables, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_every_parameter_of_dood_learns(history):
    unchanged = [
        variable.path
        for variable, old in zip(
            history.trainer.model.trainable_variables,
            history.initial,
            strict=True,
        )
        if np.array_equal(variable, old)
    ]
    assert unchanged == []


def test_presence_loss_is_zero_before_presence_warmup_steps(history):
    scores = [float(m["presence_loss"]) for m in history.metrics]
    assert scores[:2] == [0.0, 0.0]
    assert scores[2] != 0.0


@pytest.mark.parametrize(
    ("variables", "term"),
    [
        (lambda t: [t.model.running_pixel_scale], "pixel_scale"),
        (
            lambda t: t.learner._baseline.trainable_variables,
            "baseline_loss",
        ),
    ],
    ids=["pixel_scale", "baseline"],
)
def test_error_names_the_term_of_the_loss_that_is_nan(
    history, variables, term, tmp_path
):
    trainer = history.trainer
    before = tf.train.Checkpoint(**trainer.checkpointed())
    path = before.write(str(tmp_path / "before"))
    for variable in variables(trainer):
        variable.assign(tf.fill(variable.shape, np.nan))
    try:
        with pytest.raises(runs.RunError, match=f"^{term} is nan at step 5"):
            metrics_lib.finite(trainer.train_step(_batch()), 5)
    finally:
        before.read(path).assert_consumed()


def test_evaluation_of_dood_is_repeatable_and_changes_no_variable(history):
    trainer, seed = history.trainer, tf.constant([1, 2])
    before = _values(trainer.model.variables)
    metrics = trainer.evaluate(_batch(), 5, seed)
    again = trainer.evaluate(_batch(), 5, seed)
    metrics, again = (
        {name: ratio.total / ratio.count for name, ratio in found.items()}
        for found in (metrics, again)
    )
    for name, value in metrics.items():
        # The same route, repeated: exact.
        np.testing.assert_array_equal(again[name], value, name)
    assert float(metrics["iwae"]) >= float(metrics["elbo"])
    for new, old in zip(trainer.model.variables, before, strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "settings"),
    [("dood", _NVIL), ("air", _TINY)],
    ids=["dood", "air"],
)
def test_compiled_step_learns_and_passes_no_shapes_between_functions(
    preset, settings
):
    trainer = step.Trainer(_real(preset, *settings, "training.jit_compile=1"))
    batch = _batch()
    first = trainer.train_step(batch)["elbo"]
    for _ in range(9):
        last = trainer.train_step(batch)["elbo"]
    assert last > first
    seed = tf.zeros([2], tf.int32)
    graph = trainer._learn.get_concrete_function(batch, seed).graph
    calls = [
        op.get_attr("f").name
        for op in graph.get_operations()
        if "Call" in op.type
    ]
    # The scales, which have no gradient.
    assert all("_log_excess_" in name for name in calls)
