import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.models.common import objective as losses
from tfdood.objectives import schedules, stopping
from tfdood.saved import runs
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib
from train import checkpoints, step
from train import metrics as metrics_lib

_TINY = settings_lib.override(
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
        "objective.presence_gradient=nvil",
        "objective.presence_warmup_steps=2",
    ],
)
_IMAGES = tf.random.stateless_uniform([8, 20, 20, 1], [5, 6]) ** 4
_NUM_STEPS, _SAVED_STEP = 4, 2


def _values(variables):
    return [np.array(v) for v in variables]


def _seed(number):
    """The random stream of a training step."""
    seed = tf.random.fold_in(tf.constant([0, 0]), number)
    return tf.random.fold_in(seed, 0)


def _unchanged(variables, before):
    return [
        v.path
        for v, old in zip(variables, before, strict=True)
        if np.array_equal(v, old)
    ]


@dataclasses.dataclass
class _History:
    trainer: step.Trainer
    initial: list
    checkpoint: str
    metrics: list
    errors: list
    scales: list


@pytest.fixture(scope="module", name="history")
def _history(tmp_path_factory):
    """A few steps of training, saved halfway."""
    trainer = step.Trainer(_TINY)
    folder = tmp_path_factory.mktemp("history")
    initial = _values(trainer.model.trainable_variables)
    history = _History(trainer, initial, "", [], [], [])
    for number in range(_NUM_STEPS):
        if number == _SAVED_STEP:
            checkpoint = tf.train.Checkpoint(**trainer.checkpointed())
            history.checkpoint = checkpoint.save(folder / "saved")
        parse = trainer.model.parse(_IMAGES, 1, _seed(number), training=True)
        error = tf.abs(_IMAGES - parse.drawing.canvases[0, :, -1])
        history.errors.append(np.mean(error, 0))
        history.metrics.append(trainer.train_step(_IMAGES))
        history.scales.append(np.array(trainer.model.pixel_scale))
    return history


def _assert_equal(got, expected):
    tf.nest.map_structure(np.testing.assert_array_equal, got, expected)


def _assert_close(got, expected):
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5),
        got,
        expected,
    )


def test_counts_its_steps(history):
    assert int(history.trainer.step) == _NUM_STEPS


def test_resuming_equals_never_stopping(history):
    """But for rounding: `train.main` makes it exact, by op determinism."""
    other = step.Trainer(_TINY)
    status = tf.train.Checkpoint(**other.checkpointed()).restore(
        history.checkpoint
    )
    status.assert_existing_objects_matched()
    for metrics in history.metrics[_SAVED_STEP:]:
        _assert_close(other.train_step(_IMAGES), metrics)
    _assert_close(
        _values(other.model.variables),
        _values(history.trainer.model.variables),
    )


def test_its_checkpoints_hold_the_whole_model(history, tmp_path):
    trainer = history.trainer
    checkpoints.Checkpoints(trainer.checkpointed(), tmp_path).save(_NUM_STEPS)
    model = models.build(_TINY.model)
    assert runs.restore_model(model, tmp_path) == _NUM_STEPS
    _assert_equal(_values(model.variables), _values(trainer.model.variables))


def test_same_seed_same_weights_other_seed_other_weights():
    other = settings_lib.override(_TINY, ["training.seed=1"])
    same, again, different = (
        _values(step.Trainer(c).model.trainable_variables)
        for c in (_TINY, _TINY, other)
    )
    # The same route, repeated: exact.
    _assert_equal(same, again)
    assert not all(map(np.array_equal, same, different))


def test_every_parameter_learns(history):
    variables = history.trainer.model.trainable_variables
    assert _unchanged(variables, history.initial) == []


@pytest.mark.parametrize(
    "settings",
    [
        ["model.name=dood"],
        [
            "model.name=air",
            "model.prior=independent",
            "model.decoder=neural",
            "model.stroke_frame=glimpse",
        ],
    ],
)
def test_a_compiled_step_hands_no_shapes_between_functions(settings):
    config = settings_lib.override(_TINY, [*settings, "training.jit_compile=1"])
    trainer = step.Trainer(config)
    first = trainer.train_step(_IMAGES)["elbo"]
    for _ in range(9):
        last = trainer.train_step(_IMAGES)["elbo"]
    assert last > first
    seed = tf.zeros([2], tf.int32)
    graph = trainer._learn.get_concrete_function(_IMAGES, seed).graph
    calls = [op.name for op in graph.get_operations() if "Call" in op.type]
    assert not calls


def test_presence_waits_for_its_warmup(history):
    scores = [float(m["presence_loss"]) for m in history.metrics]
    assert scores[:2] == [0.0, 0.0]
    assert scores[2] != 0.0


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("running_pixel_scale", "pixel_scale"),
        ("baseline", "baseline_loss"),
    ],
)
def test_a_nan_is_named_by_the_term_it_comes_from(history, name, term):
    trainer = history.trainer
    before = tf.train.Checkpoint(**trainer.checkpointed())
    path = before.write(f"{history.checkpoint}_before_{name}")
    broken = getattr(trainer.model, name)
    for variable in getattr(broken, "trainable_variables", [broken]):
        variable.assign(tf.fill(variable.shape, np.nan))
    try:
        with pytest.raises(runs.RunError, match=f"^{term} is nan at step 5"):
            metrics_lib.finite(trainer.train_step(_IMAGES), 5)
    finally:
        before.read(path).assert_consumed()


@pytest.fixture(scope="module", name="explorer")
def _explorer():
    """Exact stopping, collages, smoothing and a learned scale."""
    return step.Trainer(
        settings_lib.override(
            _TINY,
            [
                "objective.presence_gradient=exact",
                "objective.presence_warmup_steps=0",
                "objective.exploration=0.25",
                "training.smoothing=2.5",
                "model.pixel_scale=learned",
            ],
        )
    )


def test_one_drawing_at_least_is_not_explored(explorer):
    greedy = step.Trainer(
        settings_lib.override(explorer.config, ["objective.exploration=0.9"])
    )
    assert greedy._num_explored(_IMAGES) == 7
    assert greedy._num_explored(_IMAGES[:4]) == 3
    assert greedy._num_explored(_IMAGES[:1]) == 0


def test_measures_only_drawings_that_are_not_explored(explorer):
    """The last two of eight are; smoothed drawings meet smoothed images."""
    model = explorer.model
    parse = model.parse(_IMAGES, 1, _seed(0), training=True, draw_all=True)
    batch = losses.Batch(_IMAGES, parse)
    std = schedules.smoothing_std(explorer.config.training, explorer.step)
    smoothed = losses.smoothed(model, batch, std)
    expected = losses.exact(model, explorer.config.objective, smoothed, 2)
    metrics = explorer._learn(_IMAGES, _seed(0)).metrics
    np.testing.assert_allclose(
        metrics["elbo"], -expected.negative_elbo, rtol=1e-4
    )
    free = losses.free(batch, 2)
    probs = stopping.count_probs(free.parse)
    count = tf.reduce_sum(probs * [0.0, 1, 2], -1)
    np.testing.assert_allclose(
        metrics["num_strokes"], np.mean(count), rtol=1e-4
    )
    errors = tf.abs(free.images[:, None] - losses.prefixes(free.parse))
    errors = tf.reduce_mean(errors, [-3, -2, -1])
    np.testing.assert_allclose(
        metrics["mean_absolute_error"],
        np.mean(np.sum(probs * errors, -1)),
        rtol=1e-4,
    )


def test_the_prior_learns_nothing_from_explored_drawings(explorer):
    """Their gradients are the same whatever the last images are."""
    other = tf.concat([_IMAGES[:6], 1.0 - _IMAGES[6:]], 0)
    model, paths = (
        explorer.model,
        [v.path for v in explorer._optimizers.variables],
    )
    first, second = (
        dict(zip(paths, explorer._learn(x, _seed(0)).gradients, strict=True))
        for x in (_IMAGES, other)
    )

    def moved(layer):
        return [
            not np.allclose(first[v.path], second[v.path], rtol=1e-3, atol=1e-4)
            for v in layer.trainable_variables
        ]

    assert not any(moved(model.generative.prior.layout_prior))
    assert not any(moved(model.generative.prior.presence_head))
    assert any(moved(model.recognition.presence_head))
    assert any(moved(model.recognition.layout_posterior))


def test_exact_stopping_needs_no_baseline(explorer):
    model = explorer.model
    variables = model.trainable_variables
    assert any(v is model.pixel_scale_logits for v in variables)
    before = _values(variables)
    for _ in range(3):
        metrics = explorer.train_step(_IMAGES)
    assert float(metrics["presence_loss"]) != 0.0
    baseline = [v.path for v in model.baseline.trainable_variables]
    assert _unchanged(variables, before) == baseline


def test_running_scale_is_the_mean_absolute_error_above_its_bound(history):
    mean_error = np.full([20, 20, 1], 0.02)
    for number in range(_NUM_STEPS):
        mean_error = 0.5 * mean_error + 0.5 * history.errors[number]
        bound = schedules.scale_bound(_TINY.training, 0.01, tf.constant(number))
        np.testing.assert_allclose(
            history.scales[number], np.maximum(mean_error, bound), rtol=1e-3
        )


def test_evaluation_neither_learns_nor_forgets(history):
    trainer = history.trainer
    before = _values(trainer.model.variables)
    metrics = trainer.evaluate(_IMAGES, 5, tf.constant([1, 2]))
    # The same route, repeated: exact.
    _assert_equal(trainer.evaluate(_IMAGES, 5, tf.constant([1, 2])), metrics)
    assert float(metrics["iwae"]) >= float(metrics["elbo"])
    assert 0.0 <= float(metrics["num_strokes"]) <= 2.0
    _assert_equal(_values(trainer.model.variables), before)


def test_running_scale_of_normal_pixels_is_the_root_mean_square():
    trainer = step.Trainer(
        settings_lib.override(_TINY, ["model.likelihood=normal"])
    )
    parse = trainer.model.parse(_IMAGES, 1, _seed(0), training=True)
    error = _IMAGES.numpy() - parse.drawing.canvases[0, :, -1].numpy()
    metrics = trainer.train_step(_IMAGES)
    expected = np.sqrt(0.5 * 0.02**2 + 0.5 * np.mean(error**2, 0))
    np.testing.assert_allclose(
        trainer.model.pixel_scale, np.maximum(expected, 0.02), rtol=1e-3
    )
    np.testing.assert_allclose(
        metrics["mean_absolute_error"], np.mean(np.abs(error)), rtol=1e-3
    )
