"""What holds for DooD holds for what is left of it without one of its parts."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood import types as drawings
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.objectives import elbo, nvil, stopping
from tfdood.settings import presets

_SEED = tf.constant([1, 2])
_NOTHING_LEFT = {
    setting: value
    for taken in presets.ABLATIONS.values()
    for setting, value in taken.items()
}
_CASES = {**presets.ABLATIONS, "nothing_left": _NOTHING_LEFT}


@pytest.fixture(scope="module", name="ablated", params=_CASES)
def _ablated(request, tiny):
    keras.utils.set_random_seed(0)
    model = models.build(
        dataclasses.replace(tiny, num_strokes=2, **_CASES[request.param])
    )
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    return model


@dataclasses.dataclass
class _Learned:
    """A parse of two particles, and the gradients of what it is worth."""

    parse: drawings.Parse
    gradients: list


def _gradients(model, tape, loss):
    return tape.gradient(loss, [w.value for w in model.trainable_variables])


@pytest.fixture(scope="module", name="exact")
def _exact(ablated, images):
    """Every stroke drawn, as `objectives.stopping` has it."""
    with tf.GradientTape() as tape:
        parse = ablated.parse(images, 2, _SEED, draw_all=True)
        canvases = parse.drawing.canvases
        canvases = tf.concat([tf.zeros_like(canvases[:, :, :1]), canvases], 2)
        likelihoods = ablated.log_likelihood(images[:, None], canvases)
        losses = stopping.losses(parse, likelihoods, likelihoods, 1.0)
        loss = sum(map(tf.reduce_sum, losses))
    return _Learned(parse, _gradients(ablated, tape, loss))


@pytest.fixture(scope="module", name="sampled")
def _sampled(ablated, images):
    """As `objectives.nvil` has it, log q(presence) by the score alone."""
    with tf.GradientTape() as tape:
        parse = ablated.parse(images, 2, _SEED)
        signal = nvil.learning_signal(parse, parse.log_likelihood, 1.0)
        losses = nvil.nvil_losses(parse, signal, nvil.initial_moments(), 0.8)
        fixed = parse.log_posterior._replace(presence=0.0)
        bound = elbo.elbo(parse._replace(log_posterior=fixed))
        loss = losses.score + losses.baseline - tf.reduce_sum(bound)
    return _Learned(parse, _gradients(ablated, tape, loss))


def _replayed(model, drawing):
    """Of each step: logits of p(presence), p(layout) and p(points)."""
    strokes, gen = drawing.strokes, model.generative
    canvases = model.render(strokes, drawing.pen)
    canvases = tf.concat([tf.zeros_like(canvases[:, :1]), canvases], 1)
    state = gen.initial_state(len(strokes.presence))
    steps = []
    for t in range(strokes.presence.shape[1]):
        layouts, points = strokes.layout[:, t], strokes.control_points[:, t]
        embedding = gen.canvas_encoder(canvases[:, t])
        layout_state = gen.advance_layout(state, embedding)
        stroke_state = gen.advance_stroke(state, embedding)
        glimpse = warp_lib.glimpse(
            canvases[:, t], affine_lib.from_layout(layouts), 10
        )
        steps.append(
            [
                gen.prior.presence_logits(embedding, layout_state),
                gen.prior.layout(layout_state),
                gen.prior.control_points(layouts, glimpse, stroke_state),
            ]
        )
        state = state._replace(
            layout=layouts,
            control_points=points,
            layout_state=layout_state,
            stroke_state=stroke_state,
        )
    return steps


def test_the_prior_sees_strokes_alone(ablated, exact):
    parse = tf.nest.map_structure(lambda x: x[0], exact.parse)
    strokes = parse.drawing.strokes
    close = {"rtol": 1e-3, "atol": 2e-3}
    for t, (logits, where, what) in enumerate(
        _replayed(ablated, parse.drawing)
    ):
        for found, expected in (
            (parse.presence_logits.prior, logits),
            (parse.log_prior.layout, where.log_prob(strokes.layout[:, t])),
            (
                parse.log_prior.control_points,
                what.log_prob(strokes.control_points[:, t]),
            ),
        ):
            np.testing.assert_allclose(found[:, t], expected, **close)


def test_samples_are_of_the_prior_whose_density_is_known(ablated):
    """Cold ones are means of its components, given the strokes before."""
    drawing = ablated.generate(8, 0.0, _SEED)
    strokes = drawing.strokes
    for t, (_, where, what) in enumerate(_replayed(ablated, drawing)):
        means = where.components_distribution.loc  # [B, M, 4]
        distance = tf.abs(strokes.layout[:, t, None] - means)
        assert np.max(tf.reduce_min(tf.reduce_max(distance, -1), -1)) < 1e-4
        means = what.distribution.components_distribution.loc  # [B, K, M, 2]
        distance = tf.abs(strokes.control_points[:, t, :, None] - means)
        assert np.max(tf.reduce_min(tf.reduce_max(distance, -1), -1)) < 1e-4


def test_presence_depends_on_the_image_and_on_the_step(exact):
    logits = exact.parse.presence_logits.posterior[0].numpy()
    assert np.abs(np.diff(logits, axis=0)).max() > 1e-3
    assert np.abs(np.diff(logits, axis=1)).max() > 1e-3


def _silent(weights, gradients):
    return [
        weight.path
        for weight, gradient in zip(weights, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    ]


def test_every_trainable_parameter_receives_gradient(ablated, sampled):
    assert _silent(ablated.trainable_variables, sampled.gradients) == []
    assert all(np.all(np.isfinite(g)) for g in sampled.gradients)


def test_the_exact_sum_reaches_all_but_the_baseline(ablated, exact):
    silent = _silent(ablated.trainable_variables, exact.gradients)
    baseline = ablated.baseline.trainable_variables
    assert set(silent) == {weight.path for weight in baseline}
    gradients = [g for g in exact.gradients if g is not None]
    assert all(np.all(np.isfinite(g)) for g in gradients)


def test_canvases_are_what_strokes_render_to(ablated, images, sampled):
    completed = ablated.complete(images, 2, seed=_SEED)
    assert completed.strokes.presence.shape == [2, 4, 4]
    for drawing in (
        ablated.reconstruct(tf.tile(images, [2, 1, 1, 1])),
        sampled.parse.drawing,
        ablated.generate(8, 0.5, _SEED),
        completed,
        ablated.exemplars(images, 3, _SEED),
    ):
        canvases = ablated.render(drawing.strokes, drawing.pen)
        np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)
        assert 0.0 <= np.min(canvases) <= np.max(canvases) <= 1.0
        assert all(np.all(np.isfinite(field)) for field in drawing.strokes)


def _num_parameters(tiny, **settings):
    model = models.build(dataclasses.replace(tiny, **settings))
    return sum(int(np.prod(w.shape)) for w in model.trainable_variables)


def test_what_is_taken_away_takes_its_parameters_along(tiny):
    complete = _num_parameters(tiny)
    counts = {
        name: _num_parameters(tiny, **taken)
        for name, taken in presets.ABLATIONS.items()
    }
    full = models.build(tiny)
    learned_prior = full.generative.prior
    prior_alone = (
        learned_prior.presence_head.count_params()
        + learned_prior.layout_prior.count_params()
        + learned_prior.stroke_prior.count_params()
    )
    assert counts["dood_sp"] == complete - prior_alone
    residual_encoders = (
        full.recognition.residual_encoder.count_params()
        + full.recognition.residual_glimpse_encoder.count_params()
    )
    assert counts["dood_eg"] < complete - residual_encoders
    assert counts["dood_glimpse"] == complete
    mlp = 10 * 8 + 8 + 8 * 8 + 8 + 8 * 400 + 400
    pen = full.recognition.stroke_pen.count_params()
    assert counts["dood_dr"] == complete - pen + mlp


def test_unguided_strokes_are_guessed_whatever_was_drawn(tiny, images):
    """The canvas of earlier strokes, by pen and presence, is of no account."""
    keras.utils.set_random_seed(0)
    model = models.build(dataclasses.replace(tiny, execution_guided=False))
    before = model.parse(images, 1, _SEED, draw_all=True)
    bias = model.recognition.stroke_pen.mlp.output_layer.bias
    bias.assign(bias + 3.0)
    after = model.parse(images, 1, _SEED, draw_all=True)
    assert np.abs(before.drawing.canvases - after.drawing.canvases).max() > 0.1
    for then, now in (
        (before.drawing.strokes, after.drawing.strokes),
        (before.presence_logits, after.presence_logits),
        (before.log_prior, after.log_prior),
        (before.log_posterior, after.log_posterior),
    ):
        # The same route, repeated: exact.
        tf.nest.map_structure(np.testing.assert_array_equal, then, now)
