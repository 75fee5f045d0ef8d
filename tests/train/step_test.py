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
        "training.scale_hold_steps=2",
        "training.scale_anneal_steps=4",
        "training.scale_decay=0.5",
        "objective.presence_warmup_steps=2",
    ],
)
_IMAGES = tf.random.stateless_uniform([8, 20, 20, 1], [5, 6]) ** 4


def _values(variables):
    return [np.array(v) for v in variables]


@pytest.fixture(scope="module", name="history")
def _history():
    """A trainer after three steps, with the metrics of each."""
    trainer = step.Trainer(_TINY)
    return trainer, [trainer.train_step(_IMAGES) for _ in range(3)]


def test_same_seed_same_training(history):
    trainer, metrics = history
    other = step.Trainer(_TINY)
    for expected in metrics:
        got = other.train_step(_IMAGES)
        tf.nest.map_structure(np.testing.assert_array_equal, got, expected)
    for a, b in zip(
        trainer.model.variables, other.model.variables, strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_counts_its_steps(history):
    assert int(history[0].step) == 3


def test_every_group_of_parameters_learns():
    learned = config_lib.override(_TINY, ["model.pixel_scale=learned"])
    trainer = step.Trainer(learned)
    before = _values(trainer.model.trainable_variables)
    trainer.train_step(_IMAGES)
    trainer.train_step(_IMAGES)
    after = _values(trainer.model.trainable_variables)
    still = [
        v.path
        for v, a, b in zip(
            trainer.model.trainable_variables, before, after, strict=True
        )
        if np.array_equal(a, b)
    ]
    assert still == []


def test_each_group_has_its_learning_rate():
    config = config_lib.override(
        _TINY,
        [
            "model.pixel_scale=learned",
            "training.learning_rate=1e-5",
            "training.baseline_learning_rate=1e-3",
            "training.pixel_scale_learning_rate=0.1",
        ],
    )
    trainer = step.Trainer(config)
    groups = {
        1e-5: trainer.model.generative.trainable_variables,
        1e-3: trainer.model.baseline.trainable_variables,
        0.1: [trainer.model.pixel_scale_logits],
    }
    before = {rate: _values(group) for rate, group in groups.items()}
    trainer.train_step(_IMAGES)
    for rate, group in groups.items():
        # Adam's first step is the learning rate, wherever there is gradient.
        moves = [
            np.abs(b - a).max()
            for a, b in zip(before[rate], _values(group), strict=True)
        ]
        np.testing.assert_allclose(max(moves), rate, rtol=0.02)


def test_presence_waits_for_its_warmup(history):
    scores = [float(m["score_loss"]) for m in history[1]]
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


def test_running_scale_is_the_mean_absolute_error_above_its_bound():
    trainer = step.Trainer(
        config_lib.override(_TINY, ["training.scale_hold=0.02"])
    )
    mean_error = np.full([20, 20, 1], 0.02)
    for number in range(3):
        seed = tf.random.fold_in(tf.constant([0, 0]), number)
        parse = trainer.model.parse(_IMAGES, 1, seed, training=True)
        error = np.abs(_IMAGES - parse.drawing.canvases[0, :, -1]).mean(0)
        mean_error = 0.5 * mean_error + 0.5 * error
        trainer.train_step(_IMAGES)
        np.testing.assert_allclose(
            trainer.model.pixel_scale,
            np.maximum(mean_error, 0.02),
            rtol=1e-3,
        )


def test_clipping_bounds_the_update():
    config = config_lib.override(_TINY, ["training.clip_norm=1e-12"])
    trainer = step.Trainer(config)
    before = _values(trainer.model.generative.trainable_variables)
    trainer.train_step(_IMAGES)
    after = _values(trainer.model.generative.trainable_variables)
    # Gradients far below Adam's epsilon hardly move anything.
    assert (
        max(np.abs(b - a).max() for a, b in zip(before, after, strict=True))
        < 1e-6
    )


def test_learning_rate_rises_holds_and_falls():
    training = dataclasses.replace(
        _TINY.training, num_steps=100, warmup_steps=10, decay_steps=20
    )
    schedule = step.WarmupThenCosine(2.0, training)
    rates = [float(schedule(s)) for s in [0, 4, 9, 50, 80, 90, 100]]
    expected = [0.2, 1.0, 2.0, 2.0, 2.0, 1.0, 0.0]
    np.testing.assert_allclose(rates, expected, atol=1e-6)


def test_learning_rate_is_constant_by_default():
    schedule = step.WarmupThenCosine(2.0, _TINY.training)
    assert [float(schedule(s)) for s in [0, 10, 10**6]] == [2.0] * 3


def test_everything_that_training_changes_is_checkpointed(tmp_path):
    trainer = step.Trainer(_TINY)
    trainer.train_step(_IMAGES)
    path = tf.train.Checkpoint(**trainer.checkpointed()).save(tmp_path / "c")
    expected = [trainer.train_step(_IMAGES) for _ in range(2)]
    other = step.Trainer(config_lib.override(_TINY, []))
    status = tf.train.Checkpoint(**other.checkpointed()).restore(path)
    status.assert_existing_objects_matched()
    for metrics in expected:
        got = other.train_step(_IMAGES)
        tf.nest.map_structure(np.testing.assert_array_equal, got, metrics)


def test_evaluation_neither_learns_nor_forgets(history):
    trainer, _ = history
    before = _values(trainer.model.variables)
    metrics = trainer.evaluate(_IMAGES, 5, tf.constant([1, 2]))
    again = trainer.evaluate(_IMAGES, 5, tf.constant([1, 2]))
    tf.nest.map_structure(np.testing.assert_array_equal, metrics, again)
    assert set(metrics) == {
        "elbo",
        "iwae",
        "mean_absolute_error",
        "num_strokes",
    }
    assert float(metrics["iwae"]) >= float(metrics["elbo"])
    for a, b in zip(before, _values(trainer.model.variables), strict=True):
        np.testing.assert_array_equal(a, b)
