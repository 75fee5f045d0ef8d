import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.config import ModelConfig
from tfdood.distributions import pixels
from tfdood.drawing import spatial_transformer
from tfdood.objectives import elbo

_TINY = ModelConfig(
    image_size=20,
    glimpse_size=10,
    num_strokes=3,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
    presence_bias=0.5,
)
_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="model")
def _model():
    keras.utils.set_random_seed(0)
    model = models.build(_TINY)
    # Weights away from their special initial values.
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    return model


@pytest.fixture(scope="module", name="images")
def _images():
    return tf.random.stateless_uniform([4, 20, 20, 1], [5, 6]) ** 4


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
        "prior presence": model.generative.presence_head.count_params(),
        "prior layout": model.generative.layout_prior.count_params(),
        "prior stroke": model.generative.stroke_prior.count_params(),
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


def test_glimpses_of_the_image_size_share_the_image_encoder():
    shared = dataclasses.replace(_TINY, glimpse_size=20)
    generative = models.build(shared).generative
    assert generative.glimpse_encoder is generative.encoder
    generative = models.build(_TINY).generative
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
    tf.nest.map_structure(np.testing.assert_array_equal, parse, again)
    other = model.parse(images, 6, tf.constant([1, 3]))
    assert not np.allclose(other.log_likelihood, parse.log_likelihood)


def test_needs_a_seed(model, images):
    with pytest.raises(ValueError, match="Got no seed"):
        model.parse(images)


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
        affine = spatial_transformer.affine_from_layout(layouts)
        glimpse = spatial_transformer.glimpse(canvas, affine, 10)
        p_points = gen.stroke_distribution(layouts, glimpse, stroke_state)

        def bernoulli(logits, now=present, before=state.presence):
            sign = 2.0 * now - 1.0
            return before * tf.math.log_sigmoid(sign * logits)

        q_points = rec.stroke_posterior(features)
        expected = [
            (
                particle.log_posterior,
                bernoulli(rec.presence_logits(residual)),
                q_layout.log_prob(layouts),
                tf.reduce_sum(q_points.log_prob(points), -1),
            ),
            (
                particle.log_prior,
                bernoulli(gen.presence_logits(embedding)),
                gen.layout_prior(layout_state).log_prob(layouts),
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
    probability = tf.sigmoid(model.generative.presence_logits(blank))
    first = np.mean(drawing.strokes.presence[:, 0])
    assert abs(first - probability.numpy().item()) < 0.07
    assert np.all(np.diff(drawing.strokes.presence, axis=-1) <= 0)


def test_samples_are_what_their_strokes_render_to(model):
    drawing = model.generate(5, seed=_SEED)
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


def test_learned_pixel_scale_starts_at_a_half_and_keeps_its_floor():
    config = dataclasses.replace(_TINY, pixel_scale="learned")
    model = models.build(config)
    np.testing.assert_allclose(model.pixel_scale, np.full([20, 20, 1], 0.505))
    model.pixel_scale_logits.assign(tf.fill([20, 20, 1], -50.0))
    np.testing.assert_allclose(model.pixel_scale, np.full([20, 20, 1], 0.01))


def test_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="Unknown model 'gns'.*dood"):
        models.build(dataclasses.replace(_TINY, name="gns"))
