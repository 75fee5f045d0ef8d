import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tests import tiny_models
from tfdood.models.baselines import code_model
from tfdood.types import Codes

_FEATURES = 30.0 * tf.random.stateless_normal([2, 5, 7], [1, 2])


@pytest.mark.parametrize("is_bounded", [True, False])
def test_posterior_is_a_gaussian_with_means_in_range(is_bounded):
    posterior = code_model.Posterior(7, 8, 6, has_bounded_means=is_bounded)
    for weight in posterior.trainable_variables:
        weight.assign_add(tf.random.stateless_normal(weight.shape, [3, 4]))
    given = posterior(_FEATURES)
    assert given.loc.shape == given.scale.shape == (2, 5, 6)
    assert np.min(given.scale) > 0.0
    assert (np.abs(given.loc).max() <= 1.0) == is_bounded
    x = tf.random.stateless_normal([2, 5, 6], [5, 6])
    expected = scipy.stats.norm.logpdf(x, given.loc, given.scale)
    np.testing.assert_allclose(given.log_prob(x), expected, rtol=1e-3)


def test_bias_is_added_to_the_logits_of_the_standard_deviations():
    wide, narrow = (code_model.Posterior(7, 8, 6, bias) for bias in (0.0, -2.0))
    narrow.set_weights(wide.get_weights())
    logits = scipy.special.logit(-np.expm1(-wide(_FEATURES).scale))
    expected = np.logaddexp(0.0, logits - 2.0)  # softplus
    np.testing.assert_allclose(
        narrow(_FEATURES).scale, expected, rtol=1e-3, atol=2e-6
    )


def test_prior_is_standard_normal():
    x = np.random.default_rng(0).normal(size=[4, 3, 10]).astype(np.float32)
    expected = scipy.stats.norm.logpdf(x).sum(-1)
    np.testing.assert_allclose(code_model.log_prior(x), expected, rtol=1e-5)


def test_no_pen_is_one_everywhere():
    pen = code_model.no_pen(tf.zeros([4, 3, 6]))
    assert pen.blur.shape == pen.stroke_contrast.shape == (4, 3, 6)
    assert pen.canvas_contrast.shape == (4, 3)
    for values in pen:
        np.testing.assert_array_equal(values, 1.0)


@pytest.fixture(scope="module", name="model")
def _model():
    return tiny_models.build("air")


def _codes():
    return Codes(
        tf.constant([[1.0, 1.0, 0.0]]),
        tf.ones([1, 3, 4]) * [0.1, -0.1, 0.8, 0.2],
        tf.random.stateless_normal([1, 3, 6], [1, 2]),
    )


def test_canvases_are_running_sums_of_painted_codes(model):
    codes = _codes()
    first, second, _ = np.array(model.decoder(codes.layout, codes.code))[0]
    canvases = model.render(codes)[0]
    for canvas, expected in zip(
        canvases, [first, first + second, first + second], strict=True
    ):
        np.testing.assert_allclose(canvas, expected, rtol=1e-5, atol=1e-6)


def test_a_code_that_is_painted_twice_has_twice_the_ink(model):
    twice = tf.nest.map_structure(lambda x: tf.repeat(x[:, :1], 2, 1), _codes())
    once, both = model.render(twice)[0]
    np.testing.assert_allclose(both, 2.0 * once, rtol=1e-5, atol=1e-6)
    assert np.max(once) > 0.01


def test_a_drawing_of_codes_has_no_pen(model):
    codes = _codes()
    drawing = model.drawing(codes)
    assert drawing.strokes is codes
    np.testing.assert_array_equal(drawing.pen.blur, np.ones([1, 3]))
    np.testing.assert_allclose(drawing.canvases, model.render(codes))
    outputs = model.outputs(drawing)
    assert set(outputs) == {
        *("canvas", "canvases", "presence", "layout", "code", "num_strokes"),
    }
    assert int(outputs["num_strokes"][0]) == 2
    # The same tensor: exact.
    np.testing.assert_array_equal(outputs["code"], codes.code)


def test_render_signature_takes_what_latents_names(model):
    signature = model.render_signature()
    latents = model.latents(model.drawing(_codes()))
    assert list(signature.inputs) == list(latents) == list(Codes._fields)
    shapes = {n: wanted.shape for n, wanted in signature.inputs.items()}
    assert shapes == {
        "presence": ("T",),
        "layout": ("T", 4),
        "code": ("T", 6),
    }
    drawn = signature.function(**latents)
    np.testing.assert_allclose(drawn["canvases"], model.render(_codes()))
    np.testing.assert_allclose(drawn["canvas"], drawn["canvases"][:, -1])
