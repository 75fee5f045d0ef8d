import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests import tiny_models
from tfdood.models.baselines import vae
from tfdood.objectives import importance

_SEED = tf.constant([1, 2])
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6], [7, 8]])


@pytest.fixture(scope="module", name="model")
def _model():
    return tiny_models.build("vae", "model.pixel_scale=running")


def _code(drawing):
    return drawing.strokes.code.numpy()[..., 0, :]


def _posterior(model, images):
    return model.code_posterior(model.encoder(images))


def test_weights_are_those_of_a_gaussian_code(model, images):
    sample = model.sample(images, 5, _SEED)
    q, code = _posterior(model, images), _code(sample.drawing)
    assert code.shape == (5, 4, 6)
    prior = scipy.stats.norm.logpdf(code).sum(-1)
    posterior = scipy.stats.norm.logpdf(code, q.loc, q.scale).sum(-1)
    scale = model.running_pixel_scale.numpy()
    likelihood = scipy.stats.laplace.logpdf(
        images, sample.drawing.canvas, scale
    ).sum((-1, -2, -3))
    for got, expected in (
        (sample.log_prior, prior),
        (sample.log_posterior, posterior),
        (sample.log_likelihood, likelihood),
        (vae.log_weights(sample), likelihood + prior - posterior),
        (model.log_weights(images, 5, _SEED), likelihood + prior - posterior),
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-3)


def test_estimated_divergence_is_the_closed_form(model, images):
    sample = model.sample(images, 4000, _SEED)
    q = _posterior(model, images)
    variance, mean = q.scale.numpy() ** 2, q.loc.numpy()
    expected = 0.5 * (variance + mean**2 - 1.0 - np.log(variance))
    got = np.mean(sample.log_posterior - sample.log_prior, 0)
    np.testing.assert_allclose(got, expected.sum(-1), atol=0.15)


def test_reconstruction_is_the_decoded_mean(model, images):
    drawing = model.reconstruct(images)
    code = _posterior(model, images).loc
    np.testing.assert_allclose(_code(drawing), code, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(drawing.strokes.presence, np.ones([4, 1]))
    logits = model.decoder.mlp(code)
    expected = np.logaddexp(0.0, logits - 4.0).reshape(4, 20, 20, 1)
    np.testing.assert_allclose(drawing.canvas, expected, atol=1e-4)


def test_samples_are_codes_of_the_prior(model):
    drawing = model.generate(2000, seed=_SEED)
    code = _code(drawing)
    assert scipy.stats.kstest(code.reshape(-1), "norm").pvalue > 1e-3
    np.testing.assert_allclose(
        drawing.canvas, model.paint(tf.constant(code)).canvas, atol=1e-5
    )
    cold = model.generate(2, temperature=0.0, seed=_SEED)
    np.testing.assert_array_equal(_code(cold), np.zeros([2, 6]))


def test_exemplars_keep_the_code_and_move_the_drawing(model, images):
    drawing = model.exemplars(images, 4, seed=_SEED)
    code = _code(drawing)
    # Copies: exact.
    np.testing.assert_array_equal(code, code[:1].repeat(4, 0))
    canvas = drawing.canvas.numpy()
    assert canvas.shape == (4, 4, 20, 20, 1)
    assert np.all(canvas.std(0).max((1, 2, 3)) > 1e-3)
    unmoved = model.paint(tf.constant(code)).canvas
    ratio = canvas.sum((2, 3, 4)) / np.sum(unmoved, (2, 3, 4))
    # Scales change by a tenth at most; shifts move ink out of the canvas.
    assert np.all(ratio < 1.1**2 + 0.1)


def test_layout_moves_the_drawing(model):
    drawing = model.paint(tf.zeros([1, 6]))
    whole = drawing.canvas[0, ..., 0].numpy()
    shift = tf.constant([[[0.2, 0.0, 1.0, 0.0]]])  # two of 20 pixels
    codes = drawing.strokes._replace(layout=shift)
    moved = model.draw(codes).canvas[0, ..., 0]
    np.testing.assert_allclose(moved[:, 2:], whole[:, :-2], atol=1e-5)
    np.testing.assert_allclose(moved[:, :2], 0.0, atol=1e-5)


def test_signatures_answer_with_codes_and_canvases(model, images):
    signatures = model.signatures(3)
    assert set(signatures) == {
        *("reconstruct", "log_likelihood", "likelihood", "generate"),
        *("generate_tempered", "parse", "complete", "exemplars", "render"),
    }
    sample = model.sample(images, 1, _SEEDS)
    answer = signatures["parse"].function(images=images, seeds=_SEEDS)
    assert set(answer) == {
        *("presence", "layout", "code"),
        *("log_posterior", "log_prior", "log_likelihood"),
    }
    close = {"rtol": 1e-4, "atol": 1e-5}
    codes, canvas = sample.drawing.strokes, sample.drawing.canvas[0]
    np.testing.assert_allclose(answer["code"], codes.code[0], **close)
    for name in ("log_posterior", "log_prior", "log_likelihood"):
        expected = getattr(sample, name)[0]
        np.testing.assert_allclose(answer[name], expected, **close)
    drawn = signatures["render"].function(
        **{name: answer[name] for name in signatures["render"].inputs}
    )
    np.testing.assert_allclose(drawn["canvas"], canvas, **close)
    for name in ("complete", "exemplars", "generate"):
        inputs = {"images": images, "seeds": _SEEDS}
        if name == "generate":
            del inputs["images"]
        answer = signatures[name].function(**inputs)
        assert {k: v.shape for k, v in answer.items()} == {
            "canvas": (4, 20, 20, 1),
            "canvases": (4, 1, 20, 20, 1),
            "presence": (4, 1),
            "layout": (4, 1, 4),
            "code": (4, 1, 6),
            "num_strokes": (4,),
        }
    # Nothing can be added to a whole drawing.
    complete = signatures["complete"].function(images=images, seeds=_SEEDS)
    np.testing.assert_allclose(complete["canvas"], canvas, **close)
    answer = signatures["log_likelihood"].function(images=images, seeds=_SEEDS)
    np.testing.assert_allclose(
        answer["log_likelihood"],
        importance.iwae(model.log_weights(images, 3, _SEEDS)),
        **close,
    )


def test_a_drawing_depends_on_its_own_seed_alone(model, images):
    one, own = images[2:3], _SEEDS[2:3]
    for together, alone, axis in (
        (model.generate(4, seed=_SEEDS), model.generate(1, seed=own), 0),
        (model.exemplars(images, 2, _SEEDS), model.exemplars(one, 2, own), 1),
        (
            model.sample(images, 2, _SEEDS).drawing,
            model.sample(one, 2, own).drawing,
            1,
        ),
    ):
        for whole, part in zip(
            tf.nest.flatten(together), tf.nest.flatten(alone), strict=True
        ):
            row = np.take(whole, [2], axis)
            np.testing.assert_allclose(row, part, rtol=1e-4, atol=1e-4)
