"""What holds for DooD also holds without one of its parts."""

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tests.models.dood import variants
from tfdood.models.dood import densities

_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="many")
def _many(dood, images):
    return dood.parse(images, 6, _SEED)


def _presence_log_prob(logits, present, before):
    return before * tf.math.log_sigmoid((2.0 * present - 1.0) * logits)


def test_log_densities_are_those_of_a_sequential_evaluation(
    model, images, parse
):
    """Replays a particle step by step, without batching over steps."""
    particle, rec = variants.one_particle(parse, 1), model.recognition
    latents = variants.latents_of(model, particle.drawing.strokes)
    target, before = model.generative.encoder(images), tf.ones([4])
    close = {"rtol": 1e-3, "atol": 2e-3}
    replayed = variants.replayed(model, particle.drawing)
    for t, (canvas, states, (logits, p_layout, p_stroke)) in enumerate(
        replayed
    ):
        present, layouts, strokes = (x[:, t] for x in latents)
        residual = rec.residual(images, canvas, None)
        q_logits = rec.presence_logits(residual, target, states[0])
        q_layout = rec.layout_distribution(states[0], target, residual)
        features = rec.stroke_features(
            *rec.glimpses(layouts, images, residual), states[1], None
        )
        q_stroke = rec.stroke_posterior(features)
        log_q_stroke = tf.reduce_sum(q_stroke.log_prob(strokes), -1)
        for got, of_presence, of_layout, of_stroke in (
            (
                particle.log_posterior,
                q_logits,
                q_layout.log_prob(layouts),
                log_q_stroke,
            ),
            (
                particle.log_prior,
                logits,
                p_layout.log_prob(layouts),
                p_stroke.log_prob(strokes),
            ),
        ):
            expected = (
                _presence_log_prob(of_presence, present, before),
                present * of_layout,
                present * of_stroke,
            )
            for value, wanted in zip(got, expected, strict=True):
                np.testing.assert_allclose(value[:, t], wanted, **close)
        found = particle.presence_logits
        np.testing.assert_allclose(found.posterior[:, t], q_logits, **close)
        np.testing.assert_allclose(found.prior[:, t], logits, **close)
        np.testing.assert_allclose(particle.context.target, target, **close)
        np.testing.assert_allclose(
            particle.context.canvases[:, t],
            model.generative.canvas_encoder(canvas),
            **close,
        )
        before = present


def test_presence_depends_on_the_image_and_on_the_step(parse):
    logits = parse.presence_logits.posterior[0].numpy()
    assert np.abs(np.diff(logits, axis=0)).max() > 1e-3
    assert np.abs(np.diff(logits, axis=1)).max() > 1e-3


def test_unguided_strokes_do_not_depend_on_the_canvas(images):
    """The pen changes canvases alone, and they are not seen."""
    model = tiny_models.build("dood_eg")
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


def test_parse_has_the_shapes_of_the_documentation(many):
    strokes, pen = many.drawing.strokes, many.drawing.pen
    assert strokes.presence.shape == [6, 4, 3]
    assert strokes.layout.shape == [6, 4, 3, 4]
    assert strokes.control_points.shape == [6, 4, 3, 5, 2]
    assert pen.blur.shape == pen.stroke_contrast.shape == [6, 4, 3]
    assert pen.canvas_contrast.shape == [6, 4]
    assert many.drawing.canvases.shape == [6, 4, 3, 20, 20, 1]
    assert many.log_likelihood.shape == [6, 4]
    assert many.context.target.shape == [6, 4, 8]
    assert many.context.canvases.shape == [6, 4, 3, 8]
    for step in many.log_posterior + many.log_prior + many.presence_logits:
        assert step.shape == [6, 4, 3]


def test_numbers_of_strokes_differ(many):
    assert 0.0 < np.mean(many.presence) < 1.0


def test_equal_seeds_give_equal_parses_and_others_do_not(dood, images, many):
    again = dood.parse(images, 6, _SEED)
    # The same route, repeated: exact.
    tf.nest.map_structure(np.testing.assert_array_equal, many, again)
    other = dood.parse(images, 6, tf.constant([1, 3]))
    assert not np.allclose(other.log_likelihood, many.log_likelihood)


def test_parsing_without_a_seed_is_refused(dood, images):
    with pytest.raises(ValueError, match="Got no seed"):
        dood.parse(images)


def test_draw_all_draws_the_most_unlikely_strokes(dood, images):
    head = dood.recognition.presence_head.output_layer.bias
    before = np.array(head)
    head.assign(before - 500.0)
    try:
        parse = dood.parse(images, seed=_SEED, draw_all=True)
    finally:
        head.assign(before)
    np.testing.assert_array_equal(parse.presence, 1.0)


def test_likelihood_is_that_of_the_last_canvas(dood, images, many):
    expected = dood.log_likelihood(images, many.drawing.canvas)
    np.testing.assert_allclose(many.log_likelihood, expected, rtol=1e-5)


def test_reconstruction_is_the_centre_of_the_posterior(dood, images):
    drawing = dood.reconstruct(images)
    gen, rec = dood.generative, dood.recognition
    residual = rec.residual(images, tf.zeros_like(images), None)
    target, blank = gen.encoder(images), gen.encoder(tf.zeros_like(images))
    state = gen.advance_layout(gen.initial_state(4), blank)
    logits = rec.presence_logits(residual, target, state)
    first = tf.cast(logits > 0.0, tf.float32)
    np.testing.assert_array_equal(drawing.strokes.presence[:, 0], first)
    posterior = rec.layout_distribution(state, target, residual)
    np.testing.assert_allclose(
        drawing.strokes.layout[:, 0], posterior.loc, atol=1e-5
    )


def _named(model, parse):
    """The latents and the pen of the first particle, by name."""
    return model.latents(variants.one_particle(parse.drawing, 0))


def test_samples_that_are_given_again_have_the_same_densities(
    model, images, parse
):
    latents = model.read_strokes(_named(model, parse))
    scored = model.score(images, latents)
    for name in ("log_posterior", "log_prior"):
        for found, expected in zip(
            getattr(scored, name), getattr(parse, name), strict=True
        ):
            np.testing.assert_allclose(found[0], expected[0], atol=1e-3)
    np.testing.assert_allclose(
        scored.log_likelihood[0], parse.log_likelihood[0], rtol=1e-5
    )
    for found, expected in zip(
        scored.drawing.pen, parse.drawing.pen, strict=True
    ):
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)


def test_other_strokes_have_other_densities(model, images, parse):
    latents = model.read_strokes(_named(model, parse))
    moved = latents._replace(stroke=latents.stroke + 0.1)
    scored = model.score(images, moved)
    for name in ("log_posterior", "log_prior"):
        totals = [np.sum(sum(getattr(x, name))[0], -1) for x in (scored, parse)]
        has_strokes = np.sum(latents.presence, -1) > 0.0
        assert has_strokes.any()
        assert np.all((totals[0] != totals[1]) == has_strokes)


def test_densities_of_another_number_of_strokes_are_refused(
    model, images, parse
):
    latents = model.read_strokes(_named(model, parse))
    twice = type(latents)(*(tf.concat([x, x], 1) for x in latents))
    number = model.settings.num_strokes
    with pytest.raises(
        ValueError, match=f"must have {number} strokes .* got {2 * number}"
    ):
        model.score(images, twice)
    with pytest.raises(ValueError, match="one drawing for each image"):
        model.score(images[:1], latents)


def test_log_prior_of_given_strokes_is_that_of_the_parse(model, parse):
    named = _named(model, parse)
    found = model.log_prior(model.read_strokes(named), model.read_pen(named))
    expected = np.sum(sum(parse.log_prior)[0], -1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


def test_log_prior_has_gradients_of_finite_differences(model, parse):
    """With canvases held, as no gradient flows through them."""
    named = _named(model, parse)
    latents, pen = model.read_strokes(named), model.read_pen(named)
    canvases = model.draw_steps(latents, pen)

    def log_prior(latents):
        conditions = model.generative.conditions(latents, canvases)
        found, _ = densities.log_prior(
            model.generative.prior, latents, conditions
        )
        return tf.reduce_sum(sum(found), -1)

    with tf.GradientTape() as tape:
        tape.watch(latents)
        value = model.log_prior(latents, pen)
    gradient = tape.gradient(value, latents, unconnected_gradients="zero")
    direction = tf.nest.map_structure(
        lambda x: tf.random.stateless_normal(x.shape, [3, 4]), latents
    )
    direction = direction._replace(presence=tf.zeros_like(latents.presence))

    def along(size):
        return log_prior(
            tf.nest.map_structure(lambda x, d: x + size * d, latents, direction)
        )

    expected = (along(3e-4) - along(-3e-4)) / 6e-4
    slope = sum(
        tf.reduce_sum(g * d, range(1, g.shape.rank))
        for g, d in zip(gradient, direction, strict=True)
    )
    assert np.max(np.abs(slope)) > 1.0
    np.testing.assert_allclose(slope, expected, rtol=0.05, atol=0.1)


def test_the_center_is_what_reconstruct_draws(model, images):
    center, drawing = model.parse_center(images), model.reconstruct(images)
    for found, expected in zip(
        center.drawing.strokes, drawing.strokes, strict=True
    ):
        np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        center.log_likelihood[0],
        model.log_likelihood(images, drawing.canvas),
        rtol=1e-5,
    )
