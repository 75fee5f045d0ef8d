import dataclasses
import itertools

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tests import tiny_models
from tfdood.data.batching import Batch
from tfdood.distributions import pixels
from tfdood.models.common import sequence_learning
from tfdood.objectives import collages, elbo, nvil, stopping
from tfdood.settings.objectives import PresenceObjective

_EXACT = PresenceObjective(
    beta=2.0, signal_scale_floor=0.7, num_particles=3, scale_decay=0.5
)
_NVIL = dataclasses.replace(_EXACT, presence_gradient="nvil")
_BATCH = tiny_models.batch(8)
_SEED = tf.constant([1, 2])
_STEP = tf.constant(0, tf.int64)
_CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def _model(*changes):
    settings = "model.num_strokes=2", "model.pixel_scale=running"
    return tiny_models.build("dood", *settings, *changes)


@pytest.fixture(scope="module", name="model")
def _shared_model():
    return _model()


def _learner(model, objective=_EXACT, **changes):
    objective = dataclasses.replace(objective, **changes)
    return sequence_learning.SequenceLearner(model, objective)


def _parsed(learner, batch=_BATCH):
    """What the loss of a batch is computed from."""
    count = learner.num_collages(batch.images)
    images = learner.with_collages(batch.images, count, _SEED)
    parse = learner.model.parse(
        images,
        learner.objective.num_particles,
        _SEED,
        training=True,
        draw_all=learner.objective.presence_gradient == "exact",
    )
    return images, parse


def _likelihoods(model, images, canvases, floor=0.0):
    """Of each number of strokes, `[P, B, T + 1]`."""
    scale = tf.maximum(model.pixel_scale(canvases[:, :, -1]), floor)
    each = [
        pixels.log_prob(images, canvases[:, :, n], scale, "laplace")
        for n in range(canvases.shape[2])
    ]
    return tf.stack(each, -1)


def _weights(layer):
    return [w.value for w in layer.trainable_variables]


def test_prefixes_are_the_canvases_after_each_number_of_strokes(model):
    _, parse = _parsed(_learner(model))
    prefixes = sequence_learning.prefixes(parse)
    assert prefixes.shape == [3, 8, 3, 20, 20, 1]
    # Copies: exact.
    np.testing.assert_array_equal(prefixes[:, :, 0], 0.0)
    np.testing.assert_array_equal(prefixes[:, :, 1:], parse.drawing.canvases)


@pytest.mark.parametrize("share", [0.0, 0.375])
def test_exact_losses_are_sums_divided_by_the_number_of_real_drawings(
    model, share
):
    learner = _learner(model, collages=share)
    metrics = learner.loss(_BATCH, _STEP, _SEED).metrics
    images, parse = _parsed(learner)
    canvases = sequence_learning.prefixes(parse)
    signal = _likelihoods(model, images, canvases, 0.7)
    each = stopping.losses(
        parse, _likelihoods(model, images, canvases), signal, 2.0
    )
    count = 8 - round(8 * share)
    of_collages = collages.losses(parse, signal[..., -1])[:, count:]
    for name, expected in {
        "elbo": -np.mean(each.negative_elbo[:, :count]),
        "presence_loss": np.mean(each.presence) * 8 / count,
        "collage_loss": np.sum(of_collages) / (3 * count),
    }.items():
        np.testing.assert_allclose(metrics[name], expected, **_CLOSE)


@pytest.mark.parametrize("objective", [_EXACT, _NVIL])
def test_total_is_the_sum_of_the_losses(model, objective):
    loss = _learner(model, objective).loss(_BATCH, _STEP, _SEED)
    parts = [v for k, v in loss.metrics.items() if k.endswith("_loss")]
    assert len(parts) == 2
    np.testing.assert_allclose(
        loss.total, sum(parts) - loss.metrics["elbo"], rtol=1e-5
    )


def test_metrics_and_statistics_are_of_real_drawings(model):
    learner = _learner(model, collages=0.25)
    loss = learner.loss(_BATCH, _STEP, _SEED)
    images, parse = _parsed(learner)
    images = images[:6]
    parse = tf.nest.map_structure(lambda x: x[:, :6], parse)
    probs = stopping.count_probs(parse).numpy()
    errors = tf.abs(images[:, None] - sequence_learning.prefixes(parse))
    error = np.sum(probs[..., None, None, None] * errors, 2).mean((0, 1))
    drawn = np.stack([probs[..., 1:].sum(-1), probs[..., 2]], -1)
    divergence = parse.log_posterior.layout - parse.log_prior.layout
    for got, expected in (
        (loss.metrics["expected_num_strokes"], drawn.sum(-1).mean()),
        (loss.metrics["kl_layout"], np.sum(drawn * divergence, -1).mean()),
        (loss.metrics["expected_absolute_error"], error.mean()),
        (loss.statistics["error"], error),
        (loss.statistics["pen"][0], np.mean(parse.drawing.pen.blur[..., 0])),
    ):
        np.testing.assert_allclose(got, expected, **_CLOSE)


def test_errors_of_normal_pixels_are_squared():
    learner = _learner(_model("model.likelihood=normal"), _NVIL)
    loss = learner.loss(_BATCH, _STEP, _SEED)
    images, parse = _parsed(learner)
    error = images - parse.drawing.canvas
    np.testing.assert_allclose(
        loss.statistics["error"], np.mean(error**2, (0, 1)), **_CLOSE
    )
    np.testing.assert_allclose(
        loss.metrics["expected_absolute_error"],
        np.mean(np.abs(error)),
        **_CLOSE,
    )


def test_learned_pixel_scale_learns_from_real_drawings_alone():
    model = _model("model.pixel_scale=learned")
    learner = _learner(model, collages=0.375, signal_scale_floor=0.0)
    scale = model.pixel_scale_logits.value
    with tf.GradientTape(
        persistent=True, watch_accessed_variables=False
    ) as tape:
        tape.watch(scale)
        metrics = learner.loss(_BATCH, _STEP, _SEED).metrics
    assert tape.gradient(metrics["collage_loss"], scale) is None
    assert tape.gradient(metrics["presence_loss"], scale) is None
    assert np.any(tape.gradient(metrics["elbo"], scale))


def test_prior_learns_nothing_from_collages(model):
    """Its gradients are the same for any images that collages replace."""
    # The images that are replaced are a part of collages alone.
    learner = _learner(model, collages=0.25)
    images = _BATCH.images
    other = tf.concat([images[:6], 1.0 - images[6:]], 0)
    prior, recognition = model.generative.prior, model.recognition
    layers = [
        *(prior.layout_prior, prior.presence_head),
        *(recognition.presence_head, recognition.layout_posterior),
    ]
    weights = [_weights(layer) for layer in layers]
    gradients = []
    for x in (images, other):
        with tf.GradientTape() as tape:
            batch = Batch(x, _BATCH.labels)
            total = learner.loss(batch, _STEP, _SEED).total
        gradients.append(tape.gradient(total, weights))
    moved = [
        [
            not np.allclose(a, b, rtol=1e-3, atol=1e-4)
            for a, b in zip(*pair, strict=True)
        ]
        for pair in zip(*gradients, strict=True)
    ]
    assert not any(moved[0]) and not any(moved[1])
    assert any(moved[2]) and any(moved[3])


def test_presence_does_not_learn_before_its_warmup(model):
    learner = _learner(model, presence_warmup_steps=2)
    head = _weights(model.recognition.presence_head)
    for step, learns in ((1, False), (2, True)):
        with tf.GradientTape() as tape:
            loss = learner.loss(_BATCH, tf.constant(step, tf.int64), _SEED)
        assert bool(loss.metrics["presence_loss"] != 0.0) == learns
        gradients = tape.gradient(loss.total, head)
        assert any(g is not None and np.any(g) for g in gradients) == learns


def test_nvil_losses_are_those_of_the_objective(model):
    learner = _learner(model, _NVIL)
    head = _weights(model.recognition.presence_head)
    with tf.GradientTape(persistent=True) as tape:
        loss = learner.loss(_BATCH, _STEP, _SEED)
    # The presence learns from the score function alone.
    for gradient in tape.gradient(loss.metrics["elbo"], head):
        np.testing.assert_array_equal(gradient, 0.0)
    assert any(map(np.any, tape.gradient(loss.metrics["presence_loss"], head)))
    images, parse = _parsed(learner)
    canvas = parse.drawing.canvases[:, :, -1:]
    signal = _likelihoods(model, images, canvas, 0.7)[..., 0]
    signal = nvil.learning_signal(parse, signal, 2.0)
    flat = tf.nest.map_structure(
        lambda x: tf.reshape(x, [24, *x.shape[2:]]),
        (parse.context, parse.drawing.strokes),
    )
    guess = tf.reshape(learner._baseline(*flat), [3, 8, 2])
    expected = nvil.nvil_losses(
        parse, signal, guess, nvil.initial_moments(), 0.8
    )
    metrics = loss.metrics
    np.testing.assert_allclose(
        metrics["elbo"], np.mean(elbo.elbo(parse)), rtol=1e-5
    )
    for name, value in (
        ("presence_loss", expected.score),
        ("baseline_loss", expected.baseline),
    ):
        np.testing.assert_allclose(metrics[name], value, **_CLOSE)
    for name, value in expected.moments._asdict().items():
        np.testing.assert_allclose(loss.statistics[name], value, **_CLOSE)


@pytest.mark.parametrize(
    "preset", ["dood", pytest.param("dood_dr", marks=pytest.mark.slow), "air"]
)
def test_presence_is_a_group_that_learns_after_its_warmup(preset):
    model = tiny_models.build(preset)
    learner = _learner(model, presence_warmup_steps=7)
    groups = learner.parameter_groups()
    presence = groups["presence"]
    assert presence.first_step == 7
    assert presence.learning_rate is None
    every = [v for group in groups.values() for v in group.variables]
    assert len(every) == len(model.trainable_variables)
    assert {id(v) for v in every} == {id(v) for v in model.trainable_variables}
    # These weights, and no others, have no gradient before the step.
    of_group = [v.value for v in presence.variables]
    rest = [v.value for v in groups["model"].variables]
    for step, learns in ((6, False), (7, True)):
        with tf.GradientTape() as tape:
            tape.watch([*of_group, *rest])
            loss = learner.loss(_BATCH, tf.constant(step), _SEED).total
        own, others = tape.gradient(loss, (of_group, rest))
        assert [np.any(g) for g in own] == [learns] * len(own)
        assert all(map(np.any, others))


def test_presence_may_have_its_own_learning_rate(model):
    learner = _learner(model, presence_learning_rate=1e-3)
    assert learner.parameter_groups()["presence"].learning_rate == 1e-3


def test_scale_of_the_canvas_learns_where_drawings_stop():
    model = _model("model.pixel_scale=canvas")
    learner = _learner(model, num_particles=1, collages=0.25)
    learner.start()
    loss = learner.loss(_BATCH, _STEP, _SEED)
    images, parse = _parsed(learner)
    canvases = sequence_learning.prefixes(parse)[0, :6]
    each = [
        model.canvas_scale.unbounded(canvases[:, n])
        for n in range(canvases.shape[1])
    ]
    log_probs = np.stack(
        [
            pixels.log_prob(images[:6], canvases[:, n], scale, "laplace")
            for n, scale in enumerate(each)
        ],
        -1,
    )  # [6, T + 1]
    # The number of strokes is sampled, so the loss is one of these means.
    numbers = itertools.product(range(canvases.shape[1]), repeat=6)
    means = [-np.mean(log_probs[np.arange(6), n]) for n in numbers]
    nearest = np.abs(np.array(means) - loss.metrics["scale_loss"]).min()
    assert nearest < 1e-3
    assert np.ptp(means) > 1.0


def test_baseline_of_nvil_belongs_to_the_learner(model):
    exact, sampled = _learner(model), _learner(model, _NVIL)
    assert "baseline" not in exact.parameter_groups()
    assert len(exact.state()) == 1
    group = sampled.parameter_groups()["baseline"]
    assert group.learning_rate == _NVIL.baseline_learning_rate
    of_model = {id(variable.value) for variable in model.variables}
    assert not {id(v.value) for v in group.variables} & of_model
    kept = {id(variable) for variable in sampled.state()}
    assert {id(v.value) for v in group.variables} < kept
    assert not kept & of_model


def test_update_moves_all_that_is_not_learned(model):
    learner = _learner(model, _NVIL)
    before = np.array(model.typical_pen)
    loss = learner.loss(_BATCH, _STEP, _SEED)
    weights = [np.array(w) for w in model.trainable_variables]
    learner.update(loss.statistics, _STEP)
    error, *moments = learner.state()[:4]
    np.testing.assert_allclose(
        error, 0.5 * 0.2 + 0.5 * loss.statistics["error"], rtol=1e-5
    )
    np.testing.assert_allclose(
        model.running_pixel_scale, np.maximum(error, 0.2)
    )
    for name, moment in zip(nvil.Moments._fields, moments, strict=True):
        np.testing.assert_allclose(moment, loss.statistics[name], rtol=1e-6)
    np.testing.assert_allclose(
        model.typical_pen,
        0.99 * before + 0.01 * loss.statistics["pen"],
        rtol=1e-5,
    )
    # Not assigned: exact.
    for weight, old in zip(model.trainable_variables, weights, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_losses_compare_blurred_canvases_with_blurred_images(model):
    def blurred(x):
        x, std = np.array(x), [*[0] * (len(x.shape) - 3), 2.5, 2.5, 0]
        ink, inside = (
            scipy.ndimage.gaussian_filter(
                y, std, truncate=20.0, mode="constant"
            )
            for y in (x, np.ones_like(x))
        )
        return ink / inside

    learner = _learner(model, smoothing=5.0, smoothing_steps=10)
    loss = learner.loss(_BATCH, tf.constant(5, tf.int64), _SEED)
    images, parse = _parsed(learner)
    images = tf.constant(blurred(images), tf.float32)
    canvases = blurred(sequence_learning.prefixes(parse))
    canvases = tf.constant(canvases, tf.float32)
    each = stopping.losses(
        parse,
        _likelihoods(model, images, canvases),
        _likelihoods(model, images, canvases, 0.7),
        2.0,
    )
    for name, expected in (
        ("elbo", -np.mean(each.negative_elbo)),
        ("presence_loss", np.mean(each.presence)),
    ):
        np.testing.assert_allclose(loss.metrics[name], expected, rtol=1e-3)
    plain = _learner(model).loss(_BATCH, _STEP, _SEED)
    # The metric of the error is that of sharp images.
    np.testing.assert_allclose(
        loss.metrics["expected_absolute_error"],
        plain.metrics["expected_absolute_error"],
        rtol=1e-5,
    )
    assert abs(plain.metrics["elbo"] - loss.metrics["elbo"]) > 1.0


def test_warning_names_the_step_from_which_the_presence_learns(model):
    learner = _learner(
        model,
        presence_warmup_steps=20,
        scale_hold_steps=5,
        scale_anneal_steps=5,
    )
    assert learner.warnings(21) == []
    (warning,) = learner.warnings(20)
    assert "learned from step 20" in warning
    assert len(learner.warnings(5)) == 2


def test_the_measured_error_is_not_the_expected_one_of_training(model):
    images = _BATCH.images
    measured = model.measures(_BATCH, 2, _SEED)
    drawing = model.reconstruct(images)
    np.testing.assert_allclose(
        measured["mean_absolute_error"],
        np.abs(images - drawing.canvas).mean((1, 2, 3)),
        **_CLOSE,
    )
    np.testing.assert_array_equal(
        measured["num_strokes"], drawing.strokes.presence.numpy().sum(-1)
    )
    metrics = _learner(model).loss(_BATCH, _STEP, _SEED).metrics
    assert not {"mean_absolute_error", "num_strokes"} & set(metrics)
    # The expectation of a number of strokes is not a whole number.
    assert float(metrics["expected_num_strokes"]) % 1.0 > 0.0
