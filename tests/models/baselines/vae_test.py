import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.objectives import elbo, stopping

_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module")
def model(make_tiny):
    return make_tiny("vae", "model.num_control_points=3")


def _posterior(model, pictures):
    return model.code_posterior(model.encoder(pictures))


def test_weights_are_those_of_a_gaussian_code(model, pictures):
    parse = model.parse(pictures, 5, _SEED)
    q, code = _posterior(model, pictures), parse.drawing.strokes.control_points
    assert code.shape == [5, 4, 1, 3, 2]
    code = code[:, :, 0].numpy()
    prior = scipy.stats.norm.logpdf(code).sum((-1, -2))
    posterior = scipy.stats.norm.logpdf(code, q.loc, q.scale).sum((-1, -2))
    canvas = parse.drawing.canvases[:, :, -1]
    scale = model.pixel_scale.numpy()
    likelihood = scipy.stats.laplace.logpdf(pictures, canvas, scale)
    np.testing.assert_allclose(
        elbo.log_weights(parse),
        likelihood.sum((-1, -2, -3)) + prior - posterior,
        rtol=1e-4,
    )


def test_the_estimated_divergence_is_the_closed_form(model, pictures):
    parse = model.parse(pictures, 4000, _SEED)
    q = _posterior(model, pictures)
    variance, mean = q.scale.numpy() ** 2, q.loc.numpy()
    expected = 0.5 * (variance + mean**2 - 1.0 - np.log(variance))
    got = -tf.reduce_mean(tf.reduce_sum(elbo.step_log_ratios(parse), -1), 0)
    np.testing.assert_allclose(got, expected.sum((-1, -2)), atol=0.15)


def test_summing_over_when_to_stop_is_the_elbo(model, pictures):
    parse = model.parse(pictures, 3, _SEED, draw_all=True)
    canvases = parse.drawing.canvases
    blank = tf.zeros_like(canvases)
    likelihoods = model.log_likelihood(
        pictures[:, tf.newaxis], tf.concat([blank, canvases], 2)
    )
    loss = stopping.losses(parse, likelihoods, likelihoods, 1.0)
    np.testing.assert_allclose(
        loss.negative_elbo, -elbo.log_weights(parse), rtol=1e-5
    )
    np.testing.assert_allclose(
        stopping.count_probs(parse), np.tile([0.0, 1.0], [3, 4, 1]), atol=1e-6
    )


def test_the_canvas_is_what_the_decoder_draws(model, pictures):
    drawing = model.reconstruct(pictures)
    code = _posterior(model, pictures).loc
    np.testing.assert_allclose(
        drawing.strokes.control_points[:, 0], code, rtol=1e-5, atol=1e-6
    )
    logits = model.decoder.mlp(tf.reshape(code, [4, 6]))
    expected = np.logaddexp(0.0, logits - 4.0).reshape(4, 20, 20, 1)
    np.testing.assert_allclose(drawing.canvases[:, 0], expected, atol=1e-4)
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, rtol=1e-5, atol=1e-6)


def test_samples_are_codes_of_the_prior(model):
    strokes = model.generate(2000, seed=_SEED).strokes
    assert np.all(strokes.presence.numpy() == 1.0)
    kept = strokes.control_points.numpy().reshape(-1)
    assert scipy.stats.kstest(kept, "norm").pvalue > 1e-3
    cold = model.generate(2, temperature=0.0, seed=_SEED).strokes
    assert not np.any(cold.control_points)


def test_completions_are_samples_of_the_posterior(model, pictures):
    drawing = model.complete(pictures, 2, seed=_SEED)
    parse = model.parse(pictures, 2, _SEED)
    present = drawing.strokes.presence.numpy()
    np.testing.assert_array_equal(present, np.tile([1.0, 0.0], [2, 4, 1]))
    for t in range(2):
        np.testing.assert_allclose(
            drawing.canvases[:, :, t],
            parse.drawing.canvases[:, :, 0],
            rtol=1e-5,
            atol=1e-6,
        )


def test_exemplars_move_the_drawing(model, pictures):
    strokes = model.exemplars(pictures, 4, seed=_SEED).strokes
    code = strokes.control_points.numpy()
    np.testing.assert_array_equal(code, code[:1].repeat(4, 0))
    layouts = strokes.layout.numpy()
    assert np.all(layouts.std(0) > 1e-3)
    change = np.abs(layouts - [0.0, 0.0, 1.0, 0.0]).max((0, 1, 2))
    assert np.all(change <= [0.1, 0.1, 0.1, 0.1 * np.pi])


def test_refuses_several_strokes(make_tiny):
    with pytest.raises(ValueError, match="'vae' needs model.num_strokes=1"):
        make_tiny("vae", "model.num_strokes=2")
