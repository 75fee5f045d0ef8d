import dataclasses
import json
import os
import signal
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import data
from tfdood.models import base, explaining
from tfdood.saved import runs
from tfdood.settings import presets
from tfdood.types import SplineStrokes
from train import (
    loop,
    run_folder,
    strategies,
    warm_start,
)


class _Painting(NamedTuple):
    """What the model draws."""

    canvas: tf.Tensor


class _Model:
    """Draws black images."""

    def __init__(self, events):
        self.events = events

    figures = explaining.ExplainingModel.figures

    def reconstruct(self, images):
        return _Painting(tf.zeros_like(images))

    def generate(self, num_drawings, temperature=1.0, seed=None):
        del temperature, seed
        return _Painting(tf.zeros([num_drawings, 50, 50, 1]))


class _Learner:
    """Has a headline; warns of runs of fewer than 5 steps."""

    headline = ("elbo",)

    def __init__(self):
        self.events = []

    def start(self):
        self.events.append("start")

    def warnings(self, num_steps):
        return [f"{num_steps} steps are too few."] if num_steps < 5 else []


class _Trainer:
    """Fits a grey value to the images, with noise that depends on the step."""

    def __init__(self, config, events=None):
        self.learner = _Learner()
        self.model = _Model(self.learner.events)
        self.step = tf.Variable(0, dtype=tf.int64)
        self.grey = keras.Variable(0.0)
        self._optimizer = keras.optimizers.Adam(config.training.learning_rate)
        self._optimizer.build([self.grey])
        self._events = events or {}

    def checkpointed(self):
        return {
            "step": self.step,
            "grey": self.grey,
            "optimizer": self._optimizer,
        }

    def train_step(self, batch):
        step = int(self.step.assign_add(1))
        noise = tf.random.stateless_normal([], [0, step])
        error = self.grey - tf.reduce_mean(batch.images) + noise
        numbers = tf.cast(batch.strokes.num_control_points, tf.float32)
        error += tf.reduce_mean(numbers)
        self._optimizer.apply([2.0 * error], [self.grey])
        action = self._events.get(step)
        return {"elbo": -(error**2) if action is None else action(-(error**2))}

    def evaluate(self, batch, num_particles, seed):
        del num_particles, seed
        error = (self.grey - tf.reduce_mean(batch.images)) ** 2
        return {"elbo": base.Ratio(-error, tf.constant(1.0))}


class _Killed(BaseException):
    """Stands for `kill -9`: no `except Exception` catches it."""


def _die(_):
    raise _Killed


def _receive(kind):
    def action(elbo):
        os.kill(os.getpid(), kind)
        return elbo

    return action


def _config(**training):
    training = {
        "num_steps": 11,
        "batch_size": 4,
        "log_every": 3,
        "evaluate_every": 4,
        "checkpoint_every": 4,
        "learning_rate": 0.1,
        **training,
    }
    config = presets.get("dood", "quickdraw")
    return dataclasses.replace(
        config, training=dataclasses.replace(config.training, **training)
    )


def _drawings(split="train"):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, [20, 50, 50, 1], dtype=np.uint8)
    labels = np.zeros([20], np.int64)
    numbers = rng.integers(0, 9, [20, 3], dtype=np.int32)
    strokes = SplineStrokes(np.zeros([20, 3, 8, 2], np.float32), numbers)
    return data.DrawingSet(
        images, labels, ("thing",), split, is_sample=True, strokes=strokes
    )


def _run(folder, events=None, **training):
    """Trains; gives the exit code and the trainer."""
    trainers = []

    def make_trainer(config):
        trainers.append(_Trainer(config, events))
        return trainers[0]

    code = loop.run(
        _config(**training), folder, (_drawings(), _drawings()), make_trainer
    )
    return code, trainers[0]


def _records(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def _state(trainer):
    values = [trainer.step, trainer.grey, *trainer._optimizer.variables]
    return [np.asarray(value).tolist() for value in values]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An uninterrupted run: its folder and its trainer."""
    folder = tmp_path_factory.mktemp("whole")
    code, trainer = _run(folder)
    assert code == 0
    return folder, trainer


def test_a_misspelt_measure_is_refused_before_the_first_step(tmp_path):
    with pytest.raises(runs.RunError, match="got 'eblo'; choose from elbo"):
        _run(tmp_path, {1: _die}, keep_best="eblo")
    assert not (tmp_path / runs.BEST).exists()


def test_run_writes_configuration_checkpoints_figures_and_events(whole):
    folder, _ = whole
    config = runs.read_config(folder)
    assert config == _config()
    assert runs.saved_steps(folder / "checkpoints") == [11, 8, 4]
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {
        f"{name}_{step:07d}.png"
        for name in ("reconstructions", "samples")
        for step in (4, 8, 11)
    }
    assert list((folder / "events").iterdir())


def test_every_interval_and_every_evaluation_has_a_record(whole):
    records = _records(whole[0])
    logged = [r["step"] for r in records if "elbo" in r]
    evaluated = [r["step"] for r in records if "validation/elbo" in r]
    assert logged == [3, 6, 9, 11]
    assert evaluated == [4, 8, 11]


def test_training_metrics_are_means_over_the_interval(whole):
    folder, _ = whole
    seen = []
    events = {s: lambda e: seen.append(float(e)) or e for s in range(1, 12)}
    _run(folder.parent / "seen", events)
    means = [np.mean(seen[i : i + 3]) for i in range(0, 11, 3)]
    logged = [r["elbo"] for r in _records(folder) if "elbo" in r]
    np.testing.assert_allclose(logged, means, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("killed", 1),
        ("killed", 7),
        ("killed", 10),
        ("SIGTERM", 4),
        ("SIGTERM", 7),
        ("SIGINT", 6),
    ],
)
def test_resumed_run_equals_uninterrupted_run(tmp_path, whole, step, kind):
    if kind == "killed":
        with pytest.raises(_Killed):
            _run(tmp_path, {step: _die})
        saved = step - 1 - (step - 1) % 4
    else:
        code, _ = _run(tmp_path, {step: _receive(signal.Signals[kind])})
        assert code == {"SIGTERM": 143, "SIGINT": 130}[kind]
        saved = step
    steps = runs.saved_steps(tmp_path / "checkpoints")
    assert steps[:1] == ([saved] if saved else [])
    code, trainer = _run(tmp_path)
    assert code == 0
    # The same route, repeated: exact.
    assert _state(trainer) == _state(whole[1])
    ours, theirs = (f / "metrics.jsonl" for f in (tmp_path, whole[0]))
    assert ours.read_bytes() == theirs.read_bytes()


# Two epochs of 38 rows, and one of 20.
@pytest.mark.parametrize(
    ("balanced", "ink", "num_steps"), [(True, 0.5, 19), (False, 0.05, 5)]
)
def test_balanced_training_uses_all_classes_equally_often(
    tmp_path, balanced, ink, num_steps
):
    images = np.zeros([20, 50, 50, 1], np.uint8)
    images[7] = 255
    labels = (np.arange(20) == 7).astype(np.int64)
    rare = _drawings()._replace(images=images, labels=labels)
    seen = []

    class Trainer(_Trainer):
        def train_step(self, batch):
            seen.append(float(tf.reduce_mean(batch.images)))
            return super().train_step(batch)

    config = _config(
        num_steps=num_steps, balanced=balanced, evaluate_every=num_steps
    )
    loop.run(config, tmp_path, (rare, _drawings()), Trainer)
    assert np.mean(seen) == pytest.approx(ink)


def test_a_signal_to_another_worker_stops_this_one(tmp_path, monkeypatch):
    said = iter([False, False, True])
    monkeypatch.setattr(
        strategies, "any_worker", lambda _: lambda own: own or next(said)
    )
    code, trainer = _run(tmp_path)
    assert code == 143
    assert int(trainer.step) == 3
    assert runs.saved_steps(tmp_path / "checkpoints") == [3]


def test_signal_handlers_are_restored(tmp_path):
    kinds = [signal.SIGINT, signal.SIGTERM]
    before = [signal.getsignal(kind) for kind in kinds]
    _run(tmp_path)
    assert [signal.getsignal(kind) for kind in kinds] == before


def test_resumes_despite_a_damaged_checkpoint_and_half_a_record(
    tmp_path, whole
):
    with pytest.raises(_Killed):
        _run(tmp_path, {10: _die})
    path = tmp_path / "checkpoints" / "checkpoint-8.data-00000-of-00001"
    os.truncate(path, path.stat().st_size // 2)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "el')
    _, trainer = _run(tmp_path)
    # The same route, repeated: exact.
    assert _state(trainer) == _state(whole[1])
    assert _records(tmp_path) == _records(whole[0])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_stops_when_a_metric_is_not_finite(tmp_path, value):
    with pytest.raises(runs.RunError, match=f"elbo is {value} at step 7"):
        _run(tmp_path, {7: lambda _: tf.constant(value)})
    assert runs.saved_steps(tmp_path / "checkpoints") == [4]
    assert [r["step"] for r in _records(tmp_path)] == [3, 4, 6]


def test_never_saves_after_a_metric_that_is_not_finite(tmp_path):
    with pytest.raises(runs.RunError, match="elbo is nan at step 7"):
        _run(
            tmp_path,
            {7: lambda _: tf.constant(float("nan"))},
            log_every=100,
            evaluate_every=100,
        )
    assert runs.saved_steps(tmp_path / "checkpoints") == [4]


def test_step_that_fails_after_a_nan_names_the_metric_of_the_nan(tmp_path):
    def fail(_):
        raise tf.errors.InvalidArgumentError(None, None, "indices out of range")

    nan = {7: lambda _: tf.constant(float("nan")), 8: fail}
    with pytest.raises(runs.RunError, match="elbo is nan at step 7"):
        _run(tmp_path / "nan", nan, log_every=100)
    with pytest.raises(tf.errors.InvalidArgumentError, match="indices"):
        _run(tmp_path / "other", {8: fail}, log_every=100)


def test_invalid_model_settings_create_no_folder(tmp_path):
    def refuse(_):
        raise ValueError("images must be larger")

    drawings = _drawings(), _drawings()
    with pytest.raises(runs.RunError, match="settings: images must be large"):
        loop.run(_config(), tmp_path / "run", drawings, refuse)
    assert not (tmp_path / "run").exists()


def test_new_run_starts_from_given_weights_but_resumed_run_does_not(
    tmp_path, monkeypatch
):
    given = []

    def assign(model, source):
        given.append((model, source))
        model.events.append("assign")

    monkeypatch.setattr(warm_start, "assign", assign)
    source = "pretrained:mnist"
    _, trainer = _run(tmp_path, num_steps=4, start_from=source)
    assert given == [(trainer.model, source)]
    # The running values of the new run replace those of the given weights.
    assert trainer.learner.events == ["assign", "start"]
    _, trainer = _run(tmp_path, num_steps=8, start_from=source)
    assert len(given) == 1
    assert trainer.learner.events == []


def test_missing_start_weights_create_no_folder(tmp_path):
    with pytest.raises(runs.RunError, match="Cannot start from nowhere"):
        _run(tmp_path / "run", start_from="nowhere")
    assert not (tmp_path / "run").exists()


def test_a_finished_run_can_be_continued_with_more_steps(tmp_path):
    _run(tmp_path, num_steps=8)
    code, trainer = _run(tmp_path, num_steps=11)
    assert code == 0
    assert int(trainer.step) == 11
    assert runs.read_config(tmp_path).training.num_steps == 11


def test_finished_run_is_not_changed(tmp_path):
    _run(tmp_path, num_steps=4)
    before = (tmp_path / "metrics.jsonl").read_bytes()
    code, trainer = _run(tmp_path, {5: _die}, num_steps=4)
    assert code == 0
    assert int(trainer.step) == 4
    assert (tmp_path / "metrics.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.2}, r"learning_rate \(0.1 there, 0.2 now\)"),
        ({"num_steps": 3}, r"num_steps \(4 there, 3 now\)"),
        ({"num_steps": 9, "seed": 1}, r"seed \(0 there, 1 now\)\. "),
    ],
)
def test_folder_of_another_configuration_is_refused(tmp_path, changes, message):
    _run(tmp_path, num_steps=4)
    with pytest.raises(runs.RunError, match=message):
        _run(tmp_path, **{"num_steps": 4, **changes})
    assert runs.read_config(tmp_path) == _config(num_steps=4)


def test_broken_configuration_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(runs.RunError, match=r"config.json .* not JSON"):
        _run(tmp_path)


def test_error_of_unwritable_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Cannot write to the run folder"):
        _run(tmp_path / "file" / "run")


def test_a_folder_in_use_is_refused(tmp_path):
    with (
        run_folder.RunFolder(tmp_path, _config()),
        pytest.raises(OSError, match="Another process is training"),
    ):
        _run(tmp_path)


@pytest.mark.parametrize(("num_steps", "is_warned"), [(4, True), (5, False)])
def test_warnings_of_the_learner_are_logged(
    tmp_path, caplog, num_steps, is_warned
):
    _run(tmp_path, num_steps=num_steps)
    assert (f"{num_steps} steps are too few." in caplog.text) == is_warned
