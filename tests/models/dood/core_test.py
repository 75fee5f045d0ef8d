"""What holds for all variants: new drawings, gradients, signatures."""

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tests.models.dood import variants
from tfdood import models
from tfdood.settings.objectives import PresenceObjective

_SEED = tf.constant([1, 2])


def test_cold_samples_are_means_of_components_of_the_prior(model):
    drawing = model.generate(8, 0.0, _SEED)
    latents = variants.latents_of(model, drawing.strokes)
    for t, (_, _, (_, where, what)) in enumerate(
        variants.replayed(model, drawing)
    ):
        for value, means in (
            (latents.layout[:, t, None], where.components_distribution.loc),
            (
                latents.stroke[:, t, :, None],  # [B, K, 1, 2]
                what.distribution.components_distribution.loc,
            ),
        ):
            distance = tf.reduce_max(tf.abs(value - means), -1)
            assert np.max(tf.reduce_min(distance, -1)) < 1e-4


def test_canvases_are_what_the_latents_render_to(model, images, parse):
    num_strokes = model.settings.num_strokes
    completed = model.complete(images, 2, seed=_SEED)
    assert completed.strokes.presence.shape == [2, 4, 2 * num_strokes]
    for drawing in (
        model.reconstruct(tf.tile(images, [2, 1, 1, 1])),
        parse.drawing,
        model.generate(8, 0.5, _SEED),
        completed,
        model.exemplars(images, 3, _SEED),
    ):
        canvases = variants.canvases_of(model, drawing)
        np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)
        last = model.draw(
            variants.latents_of(model, drawing.strokes), drawing.pen
        )
        np.testing.assert_allclose(last, drawing.canvas, atol=1e-5)
        assert 0.0 <= np.min(canvases) <= np.max(canvases) <= 1.0
        assert all(np.all(np.isfinite(field)) for field in drawing.strokes)
        presence = drawing.strokes.presence
        assert np.all(np.diff(presence, axis=-1) <= 0.0)


@pytest.mark.parametrize("case", variants.PARAMS)
def test_every_parameter_receives_gradient(case):
    """Presets are checked with the exact sum by the conformance tests."""
    model = tiny_models.build(*variants.CASES[case], "model.num_strokes=2")
    kinds = ["nvil"] if case != "nothing_left" else ["nvil", "exact"]
    for kind in kinds:
        objective = PresenceObjective(presence_gradient=kind)
        learner = models.trainable(model, objective)
        groups = learner.parameter_groups().values()
        variables = [v for group in groups for v in group.variables]
        with tf.GradientTape() as tape:
            step = tf.constant(0, tf.int64)
            total = learner.loss(tiny_models.batch(), step, _SEED).total
        gradients = tape.gradient(total, [v.value for v in variables])
        silent = [
            variable.path
            for variable, gradient in zip(variables, gradients, strict=True)
            if gradient is None or not np.any(gradient)
        ]
        assert silent == []
        assert all(np.all(np.isfinite(gradient)) for gradient in gradients)


def _num_parameters(preset):
    model = models.build(tiny_models.config(preset).model)
    return sum(int(np.prod(w.shape)) for w in model.trainable_variables)


def test_ablations_have_no_parameters_of_what_they_leave_out(dood):
    complete = _num_parameters("dood")
    counts = {name: _num_parameters(name) for name in list(variants.CASES)[:4]}
    prior, recognition = dood.generative.prior, dood.recognition
    prior_alone = (
        prior.presence_head.count_params()
        + prior.layout_prior.count_params()
        + prior.stroke_prior.count_params()
        + prior.glimpse_encoder.count_params()
    )
    assert counts["dood_sp"] == complete - prior_alone
    residual_encoders = (
        recognition.residual_encoder.count_params()
        + recognition.residual_glimpse_encoder.count_params()
    )
    assert counts["dood_eg"] < complete - residual_encoders
    assert counts["dood_glimpse"] == complete


def test_samples_follow_the_presence_of_the_prior(dood):
    drawing = dood.generate(500, seed=_SEED)
    blank = dood.generative.encoder(tf.zeros([1, 20, 20, 1]))
    logits = dood.generative.prior.presence_logits(blank, tf.zeros([1, 8]))
    probability = tf.sigmoid(logits).numpy().item()
    assert abs(np.mean(drawing.strokes.presence[:, 0]) - probability) < 0.07


@pytest.mark.parametrize("one", [1, 1.0, np.float64(1.0), tf.constant(1.0)])
def test_completions_take_temperatures_of_all_types(dood, images, one):
    warm = dood.complete(images, 2, one, seed=_SEED).strokes
    plain = dood.complete(images, 2, seed=_SEED).strokes
    # The same numbers on the same route: exact.
    np.testing.assert_array_equal(warm.layout, plain.layout)


def test_samples_have_the_typical_pen(dood):
    pen = dood.generate(2, seed=_SEED).pen
    blur, stroke_contrast, canvas_contrast = np.array(dood.typical_pen)
    # Copies: exact.
    np.testing.assert_array_equal(pen.blur, np.full([2, 3], blur))
    np.testing.assert_array_equal(
        pen.stroke_contrast, np.full([2, 3], stroke_contrast)
    )
    np.testing.assert_array_equal(pen.canvas_contrast, [canvas_contrast] * 2)


def test_a_drawing_depends_on_its_own_seed_alone(dood, images):
    seeds = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])
    one, own = images[2:3], seeds[2:3]
    together, alone = (
        (
            dood.parse(x, 2, s),
            dood.generate(len(s), seed=s),
            dood.complete(x, 2, seed=s),
            dood.exemplars(x, 2, seed=s),
        )
        for x, s in ((images, seeds), (one, own))
    )

    def compare(whole, part):
        axis = 1 if len(whole) == 2 else 0  # [P, B, ...] or [B, ...]
        row = np.take(whole, [2], axis)
        np.testing.assert_allclose(row, part, rtol=1e-4, atol=1e-4)

    tf.nest.map_structure(compare, together, alone)


def test_cold_samples_are_few_and_warm_samples_differ(dood):
    cold, warm = (
        dood.generate(50, temperature, _SEED).strokes.layout[:, 0]
        for temperature in (0.0, 1.0)
    )
    assert len(np.unique(np.round(cold, 4), axis=0)) <= 3  # components
    assert len(np.unique(np.round(warm, 4), axis=0)) == 50


def test_signatures_of_densities_agree(model, images):
    listed = model.signatures(2)
    center = listed["parse_center"].function(images=images)

    def answer(name):
        inputs = {"images": images, **center}
        function, names = listed[name]
        return function(**{k: inputs[k] for k in names})

    for name in ("score", "prior"):
        for key, value in answer(name).items():
            np.testing.assert_allclose(value, center[key], rtol=1e-4, atol=1e-3)
    assert set(answer("score")) == {
        *("log_posterior", "log_prior", "log_likelihood")
    }
    canvas = answer("render")["canvas"]
    np.testing.assert_allclose(
        model.log_likelihood(images, canvas),
        center["log_likelihood"],
        rtol=1e-4,
    )
