import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.distributions import pixels
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib
from tfdood.objectives import elbo
from tfdood.settings.schema import ModelConfig

_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="parse")
def _parse(model, images):
    return model.parse(images, 6, _SEED)


def test_has_the_published_number_of_parameters():
    config = ModelConfig(encoder="paper", glimpse_size=50)
    model = models.build(config)
    counts = {
        "layout_rnn": model.generative.layout_rnn.count_params(),
        "stroke_rnn": model.generative.stroke_rnn.count_params(),
        "layout": model.recognition.layout_posterior.count_params(),
        "presence": model.recognition.presence_head.count_params(),
        "stroke": model.recognition.stroke_posterior.count_params(),
        "pen": model.recognition.stroke_pen.count_params(),
        "prior presence": model.generative.prior.presence_head.count_params(),
        "prior layout": model.generative.prior.layout_prior.count_params(),
        "prior stroke": model.generative.prior.stroke_prior.count_params(),
        "baseline rnn": model.baseline.rnn.count_params(),
        "baseline": model.baseline.mlp.count_params(),
        "encoders": model.generative.encoder.count_params()
        + model.recognition.residual_encoder.count_params(),
    }
    assert counts == {
        "layout_rnn": 397_824,
        "stroke_rnn": 402_432,
        "layout": 265_225,
        "presence": 132_097,
        "stroke": 269_081,
        "pen": 264_194,
        "prior presence": 131_841,
        "prior layout": 234_384,
        "prior stroke": 506_544,
        "baseline rnn": 602_880,
        "baseline": 197_633,
        "encoders": 2 * 8_734_432,
    }


def test_glimpses_of_the_image_size_share_the_image_encoder(tiny):
    shared = dataclasses.replace(tiny, glimpse_size=20)
    generative = models.build(shared).generative
    assert generative.glimpse_encoder is generative.encoder
    generative = models.build(tiny).generative
    assert generative.glimpse_encoder is not generative.encoder


def test_parse_has_the_shapes_it_promises(parse):
    strokes, pen = parse.drawing.strokes, parse.drawing.pen
    assert strokes.presence.shape == [6, 4, 3]
    assert strokes.layout.shape == [6, 4, 3, 4]
    assert strokes.control_points.shape == [6, 4, 3, 5, 2]
    assert pen.blur.shape == pen.stroke_contrast.shape == [6, 4, 3]
    assert pen.canvas_contrast.shape == [6, 4]
    assert parse.drawing.canvases.shape == [6, 4, 3, 20, 20, 1]
    assert parse.log_likelihood.shape == [6, 4]
    assert parse.baseline.shape == [6, 4, 3]
    for step in parse.log_posterior + parse.log_prior:
        assert step.shape == [6, 4, 3]


def test_drawings_stop_once(parse):
    present = parse.drawing.strokes.presence.numpy()
    assert np.all(np.diff(present, axis=-1) <= 0)
    assert 0.0 < present.mean() < 1.0


def test_same_seed_same_parse_other_seed_other_parse(model, images, parse):
    again = model.parse(images, 6, _SEED)
    # The same route, repeated: exact.
    tf.nest.map_structure(np.testing.assert_array_equal, parse, again)
    other = model.parse(images, 6, tf.constant([1, 3]))
    assert not np.allclose(other.log_likelihood, parse.log_likelihood)


def test_needs_a_seed(model, images):
    with pytest.raises(ValueError, match="Got no seed"):
        model.parse(images)
    for seed, shape in ((0, r"\[\]"), ([1, 2, 3], r"\[3\]")):
        with pytest.raises(ValueError, match=f"seed of shape {shape}"):
            model.parse(images, seed=seed)


def test_every_stroke_can_be_drawn_however_unlikely(model, images):
    head = model.recognition.presence_head.output_layer.bias
    before = np.array(head)
    head.assign(before - 500.0)
    try:
        parse = model.parse(images, seed=_SEED, draw_all=True)
    finally:
        head.assign(before)
    np.testing.assert_array_equal(parse.drawing.strokes.presence, 1.0)


def test_canvases_are_what_the_strokes_render_to(model, parse):
    canvases = model.render(parse.drawing.strokes, parse.drawing.pen)
    np.testing.assert_allclose(canvases, parse.drawing.canvases, atol=1e-5)


def test_likelihood_is_that_of_the_last_canvas(model, images, parse):
    expected = pixels.log_prob(
        images, parse.drawing.canvases[:, :, -1], model.pixel_scale, "laplace"
    )
    np.testing.assert_allclose(parse.log_likelihood, expected, rtol=1e-5)


def test_log_densities_are_those_of_a_sequential_evaluation(
    model, images, parse
):
    """Replays one particle step by step, without any batching over steps."""
    particle = tf.nest.map_structure(lambda x: x[2], parse)
    strokes = particle.drawing.strokes
    gen, rec = model.generative, model.recognition
    state = gen.initial_state(4)
    canvas = tf.zeros_like(images)
    target = gen.encoder(images)
    for t in range(3):
        residual = rec.residual(images, canvas, None)
        embedding = gen.encoder(canvas)
        present = strokes.presence[:, t]
        layouts, points = strokes.layout[:, t], strokes.control_points[:, t]
        layout_state = gen.advance_layout(state, embedding)
        stroke_state = gen.advance_stroke(state, embedding)
        q_layout = rec.layout_distribution(layout_state, target, residual)
        features = rec.stroke_features(
            *rec.glimpses(layouts, images, residual), stroke_state, None
        )
        affine = affine_lib.from_layout(layouts)
        glimpse = warp_lib.glimpse(canvas, affine, 10)
        p_points = gen.prior.control_points(layouts, glimpse, stroke_state)

        def bernoulli(logits, now=present, before=state.presence):
            sign = 2.0 * now - 1.0
            return before * tf.math.log_sigmoid(sign * logits)

        q_points = rec.stroke_posterior(features)
        expected = [
            (
                particle.log_posterior,
                bernoulli(rec.presence_logits(residual, target, layout_state)),
                q_layout.log_prob(layouts),
                tf.reduce_sum(q_points.log_prob(points), -1),
            ),
            (
                particle.log_prior,
                bernoulli(gen.prior.presence_logits(embedding, layout_state)),
                gen.prior.layout(layout_state).log_prob(layouts),
                p_points.log_prob(points),
            ),
        ]
        for got, on, where, what in expected:
            kwargs = {"rtol": 1e-3, "atol": 1e-3}
            np.testing.assert_allclose(got.presence[:, t], on, **kwargs)
            np.testing.assert_allclose(
                got.layout[:, t], present * where, **kwargs
            )
            np.testing.assert_allclose(
                got.control_points[:, t], present * what, **kwargs
            )
        state = state._replace(
            presence=present,
            layout=layouts,
            control_points=points,
            layout_state=layout_state,
            stroke_state=stroke_state,
        )
        canvas = particle.drawing.canvases[:, t]


def test_every_trainable_parameter_receives_gradient(model, images):
    with tf.GradientTape() as tape:
        parse = model.parse(images, 2, _SEED, training=True)
        loss = (
            tf.reduce_sum(elbo.elbo(parse))
            + tf.reduce_sum(parse.baseline)
            + tf.reduce_sum(parse.log_posterior.presence)
        )
    weights = model.trainable_variables
    gradients = tape.gradient(loss, [w.value for w in weights])
    silent = [
        weight.path
        for weight, gradient in zip(weights, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    ]
    assert silent == []


def test_one_trace_serves_every_batch_size(model, images):
    traces = []

    @tf.function(input_signature=[tf.TensorSpec([None, 20, 20, 1])])
    def log_weights(images):
        traces.append(images.shape)
        return elbo.log_weights(model.parse(images, 2, _SEED))

    assert log_weights(images).shape == [2, 4]
    assert log_weights(images[:1]).shape == [2, 1]
    assert len(traces) == 1


def test_the_residual_passes_no_gradient(model, images):
    with tf.GradientTape() as tape:
        tape.watch(images)
        residual = model.recognition.residual(images, images * 0.5, None)
        total = tf.reduce_sum(residual.image)
    assert tape.gradient(total, images) is None


def test_samples_follow_the_presence_of_the_prior(model):
    drawing = model.generate(500, seed=_SEED)
    blank = model.generative.encoder(tf.zeros([1, 20, 20, 1]))
    logits = model.generative.prior.presence_logits(blank, tf.zeros([1, 8]))
    probability = tf.sigmoid(logits)
    first = np.mean(drawing.strokes.presence[:, 0])
    assert abs(first - probability.numpy().item()) < 0.07
    assert np.all(np.diff(drawing.strokes.presence, axis=-1) <= 0)


def test_what_is_drawn_is_the_last_canvas(model, parse):
    strokes, pen = parse.drawing.strokes, parse.drawing.pen
    np.testing.assert_allclose(
        model.draw(strokes, pen),
        model.render(strokes, pen)[..., -1, :, :, :],
        atol=1e-5,
    )


def test_samples_are_what_their_strokes_render_to(model):
    drawing = model.generate(5, seed=_SEED)
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


def test_a_drawing_depends_on_its_own_seed_alone(model, images):
    seeds = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])
    together = (
        model.parse(images, 2, seeds),
        model.generate(4, seed=seeds),
        model.complete(images, 2, seed=seeds),
        model.exemplars(images, 2, seed=seeds),
    )
    one, own = images[2:3], seeds[2:3]
    alone = (
        model.parse(one, 2, own),
        model.generate(1, seed=own),
        model.complete(one, 2, seed=own),
        model.exemplars(one, 2, seed=own),
    )

    def compare(whole, part):
        axis = 1 if len(whole) == 2 else 0  # [P, B, ...] or [B, ...]
        row = np.take(whole, [2], axis)
        np.testing.assert_allclose(row, part, rtol=1e-4, atol=1e-4)

    tf.nest.map_structure(compare, together, alone)


def test_cold_samples_repeat_themselves(model):
    cold = model.generate(50, temperature=0.0, seed=_SEED).strokes.layout[:, 0]
    assert len(np.unique(np.round(cold, 4), axis=0)) <= 3  # components
    warm = model.generate(50, seed=_SEED).strokes.layout[:, 0]
    assert len(np.unique(np.round(warm, 4), axis=0)) == 50


def test_reconstruction_is_the_centre_of_the_posterior(model, images):
    drawing = model.reconstruct(images)
    residual = model.recognition.residual(images, tf.zeros_like(images), None)
    state = model.generative.initial_state(4)
    blank = model.generative.encoder(tf.zeros_like(images))
    target = model.generative.encoder(images)
    state = model.generative.advance_layout(state, blank)
    logits = model.recognition.presence_logits(residual, target, state)
    first = tf.cast(logits > 0.0, tf.float32)
    np.testing.assert_array_equal(drawing.strokes.presence[:, 0], first)
    posterior = model.recognition.layout_distribution(state, target, residual)
    np.testing.assert_allclose(
        drawing.strokes.layout[:, 0], posterior.loc, atol=1e-5
    )
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


def test_completions_go_on_from_the_parse(model, images):
    drawing = model.complete(images, 3, seed=_SEED)
    strokes = drawing.strokes
    assert strokes.presence.shape == [3, 4, 6]
    assert np.all(np.diff(strokes.presence, axis=-1) <= 0)
    canvases = model.render(strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


def test_exemplars_share_the_strokes_of_the_best_parse(model, images):
    drawing = model.exemplars(images, 5, seed=_SEED)
    presence = drawing.strokes.presence.numpy()
    assert presence.shape == (5, 4, 3)
    np.testing.assert_array_equal(presence, presence[:1].repeat(5, 0))
    blur = drawing.pen.blur.numpy()
    np.testing.assert_array_equal(blur, blur[:1].repeat(5, 0))
    points = drawing.strokes.control_points.numpy()
    assert np.all(points.std(axis=0) > 1e-3)
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


def test_learned_pixel_scale_starts_at_a_half_and_keeps_its_floor(tiny):
    config = dataclasses.replace(tiny, pixel_scale="learned")
    model = models.build(config)
    start, floor = np.full([20, 20, 1], 0.505), np.full([20, 20, 1], 0.01)
    np.testing.assert_allclose(model.pixel_scale, start, rtol=1e-5)
    model.pixel_scale_logits.assign(tf.fill([20, 20, 1], -50.0))
    np.testing.assert_allclose(model.pixel_scale, floor, rtol=1e-5)


def test_unknown_model_is_answered_with_the_known_ones(tiny):
    with pytest.raises(ValueError, match="Unknown model 'gns'.*dood"):
        models.build(dataclasses.replace(tiny, name="gns"))
