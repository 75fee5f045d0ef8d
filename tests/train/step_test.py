import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood import config as config_lib
from train import step

_TINY = config_lib.override(
    config_lib.Config("dood"),
    [
        "model.image_size=20",
        "model.glimpse_size=10",
        "model.num_strokes=2",
        "model.num_curve_points=20",
        "model.width=8",
        "model.num_mixtures=2",
        "training.scale_hold=0.02",
        "training.scale_hold_steps=2",
        "training.scale_anneal_steps=4",
        "training.scale_decay=0.5",
        "training.decay_steps=0",
        "objective.presence_warmup_steps=2",
    ],
)
_IMAGES = tf.random.stateless_uniform([8, 20, 20, 1], [5, 6]) ** 4
_NUM_STEPS, _SAVED_STEP = 4, 2


@dataclasses.dataclass
class _History:
    trainer: step.Trainer
    checkpoint: str
    metrics: list
    errors: list
    scales: list


@pytest.fixture(scope="module", name="history")
def _history(tmp_path_factory):
    """A few steps of training, saved halfway."""
    trainer = step.Trainer(_TINY)
    folder = tmp_path_factory.mktemp("history")
    history = _History(trainer, "", [], [], [])
    for number in range(_NUM_STEPS):
        if number == _SAVED_STEP:
            checkpoint = tf.train.Checkpoint(**trainer.checkpointed())
            history.checkpoint = checkpoint.save(folder / "saved")
        seed = tf.random.fold_in(tf.constant([0, 0]), number)
        seed = tf.random.fold_in(seed, 0)
        parse = trainer.model.parse(_IMAGES, 1, seed, training=True)
        error = tf.abs(_IMAGES - parse.drawing.canvases[0, :, -1])
        history.errors.append(np.mean(error, 0))
        history.metrics.append(trainer.train_step(_IMAGES))
        history.scales.append(np.array(trainer.model.pixel_scale))
    return history


def _assert_equal(got, expected):
    tf.nest.map_structure(np.testing.assert_array_equal, got, expected)


def test_counts_its_steps(history):
    assert int(history.trainer.step) == _NUM_STEPS


def test_resuming_equals_never_stopping(history):
    other = step.Trainer(_TINY)
    status = tf.train.Checkpoint(**other.checkpointed()).restore(
        history.checkpoint
    )
    status.assert_existing_objects_matched()
    for metrics in history.metrics[_SAVED_STEP:]:
        _assert_equal(other.train_step(_IMAGES), metrics)
    _assert_equal(
        [np.array(v) for v in other.model.variables],
        [np.array(v) for v in history.trainer.model.variables],
    )


def test_same_seed_same_weights_other_seed_other_weights():
    other = config_lib.override(_TINY, ["training.seed=1"])
    same, again, different = (
        [np.array(v) for v in step.Trainer(c).model.trainable_variables]
        for c in (_TINY, _TINY, other)
    )
    _assert_equal(same, again)
    assert not all(map(np.array_equal, same, different))


def test_every_parameter_learns():
    trainer = step.Trainer(
        config_lib.override(_TINY, ["model.pixel_scale=learned"])
    )
    variables = trainer.model.trainable_variables
    assert any(v is trainer.model.pixel_scale_logits for v in variables)
    before = [np.array(v) for v in variables]
    for _ in range(3):
        trainer.train_step(_IMAGES)
    still = [
        v.path
        for v, old in zip(variables, before, strict=True)
        if np.array_equal(v, old)
    ]
    assert still == []


def test_presence_waits_for_its_warmup(history):
    scores = [float(m["score_loss"]) for m in history.metrics]
    assert scores[:2] == [0.0, 0.0]
    assert scores[2] != 0.0


def test_scale_bound_is_held_then_falls_geometrically():
    training = dataclasses.replace(
        _TINY.training, scale_hold=0.16, scale_hold_steps=10
    )
    bounds = [
        float(step.scale_bound(training, 0.01, tf.constant(s)))
        for s in [0, 10, 12, 14, 100]
    ]
    np.testing.assert_allclose(bounds, [0.16, 0.16, 0.04, 0.01, 0.01])


def test_running_scale_is_the_mean_absolute_error_above_its_bound(history):
    mean_error = np.full([20, 20, 1], 0.02)
    for number in range(_NUM_STEPS):
        mean_error = 0.5 * mean_error + 0.5 * history.errors[number]
        bound = step.scale_bound(_TINY.training, 0.01, tf.constant(number))
        np.testing.assert_allclose(
            history.scales[number], np.maximum(mean_error, bound), rtol=1e-3
        )


def test_evaluation_neither_learns_nor_forgets(history):
    trainer = history.trainer
    before = [np.array(v) for v in trainer.model.variables]
    metrics = trainer.evaluate(_IMAGES, 5, tf.constant([1, 2]))
    _assert_equal(trainer.evaluate(_IMAGES, 5, tf.constant([1, 2])), metrics)
    assert float(metrics["iwae"]) >= float(metrics["elbo"])
    assert 0.0 <= float(metrics["num_strokes"]) <= 2.0
    _assert_equal([np.array(v) for v in trainer.model.variables], before)
