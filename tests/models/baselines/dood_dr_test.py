import math

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.models.baselines import code_model, dood_dr
from tfdood.models.dood import generative
from tfdood.models.signature import LEAST_PEN
from tfdood.types import Codes

_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="model")
def _model():
    return tiny_models.build("dood_dr", "model.num_strokes=2")


@pytest.fixture(scope="module", name="drawing")
def _drawing(model, images):
    return model.reconstruct(images)


def _num_parameters(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_variables)


def test_has_an_mlp_in_place_of_the_pen():
    """With as many numbers a stroke as five control points have."""
    size = "model.code_size=10"
    painted = models.build(tiny_models.config("dood_dr", size).model)
    curves = models.build(tiny_models.config("dood").model)
    mlp = 10 * 8 + 8 + 8 * 8 + 8 + 8 * 400 + 400
    pen = curves.recognition.stroke_pen.count_params()
    assert _num_parameters(painted) == _num_parameters(curves) - pen + mlp


def test_an_odd_size_of_codes_is_refused():
    with pytest.raises(ValueError, match=r"model\.code_size=7 is odd"):
        tiny_models.build("dood_dr", "model.code_size=7")


def test_flat_puts_the_pairs_of_a_code_in_a_row():
    pairs = tf.reshape(tf.range(24.0), [2, 2, 3, 2])
    # Copies: exact.
    np.testing.assert_array_equal(
        dood_dr.flat(pairs), np.arange(24.0).reshape(2, 2, 6)
    )


def test_decoder_standardises_codes_by_the_prior_of_control_points():
    settings = tiny_models.config("dood_dr").model
    decoder = dood_dr.Decoder(settings)
    assert (decoder.mean, decoder.std) == (0.5, 0.2)
    layouts = tf.ones([4, 4]) * [0.1, 0.0, 0.8, 0.3]
    codes = tf.random.stateless_normal([4, 3, 2], [1, 2])
    image = decoder(layouts, codes, tf.ones([4]), tf.ones([4]))
    assert image.shape == [4, 20, 20, 1]
    # The pen is not used. The same route, repeated: exact.
    np.testing.assert_array_equal(
        decoder(layouts, codes, tf.zeros([4]), tf.zeros([4])), image
    )


def test_drawings_are_codes_without_a_pen_of_strokes(drawing):
    assert isinstance(drawing.strokes, Codes)
    assert drawing.strokes.code.shape == [4, 2, 6]
    np.testing.assert_array_equal(drawing.pen.blur, np.ones([4, 2]))
    np.testing.assert_array_equal(drawing.pen.stroke_contrast, np.ones([4, 2]))
    assert np.all(np.array(drawing.pen.canvas_contrast) < 1.5)
    assert np.max(drawing.canvas) <= 1.0


def test_outputs_are_those_of_codes_and_the_canvas_contrast(model, drawing):
    outputs = model.outputs(drawing)
    assert set(outputs) == {*code_model.outputs(drawing), "canvas_contrast"}
    latents = model.latents(drawing)
    inputs = model.render_signature().inputs
    assert list(latents) == list(inputs) == [*Codes._fields, "canvas_contrast"]
    assert inputs["code"].shape == ("T", 6)
    assert inputs["canvas_contrast"].low == LEAST_PEN


def test_render_signature_takes_any_number_of_codes(model, drawing):
    signature = model.render_signature()
    sizes = {
        name: [None if isinstance(n, str) else n for n in wanted.shape]
        for name, wanted in signature.inputs.items()
    }
    specs = {
        name: tf.TensorSpec([None, *shape], name=name)
        for name, shape in sizes.items()
    }
    render = tf.function(signature.function, autograph=False)
    render = render.get_concrete_function(**specs)
    latents = model.latents(drawing)
    drawn = render(**latents)
    np.testing.assert_allclose(drawn["canvases"], drawing.canvases, atol=1e-5)
    first = {
        name: value[:, :1] if "T" in signature.inputs[name].shape else value
        for name, value in latents.items()
    }
    np.testing.assert_allclose(
        render(**first)["canvas"], drawing.canvases[:, 0], atol=1e-5
    )


def test_tokens_keep_their_codes_and_are_moved_as_a_whole(model):
    latents = generative.Latents(
        tf.ones([1, 2]),
        tf.constant([[[0.1, -0.1, 0.5, 0.3], [0.0, 0.0, -0.4, 0.0]]]),
        tf.random.stateless_uniform([1, 2, 3, 2], [1, 2]),
    )
    pen = code_model.no_pen(latents.presence)
    noise = tf.random.stateless_normal([1, 2, 3, 2], [1, 2])
    far = tf.constant([[math.inf] + [0.0] * 6])
    token, token_pen = model.token(latents, pen, noise, far)
    # The same tensor: exact.
    np.testing.assert_array_equal(token.stroke, latents.stroke)
    moved = latents.layout + [0.1, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(token.layout, moved, rtol=1e-5, atol=1e-6)
    assert token_pen is pen


def test_tokens_turn_by_the_rotation_of_the_affine_noise(model):
    """Noise of a second scale and of shears is not used."""
    latents = generative.Latents(
        tf.ones([1, 1]),
        tf.constant([[[0.0, 0.0, 0.5, 0.3]]]),
        tf.zeros([1, 1, 3, 2]),
    )
    pen = code_model.no_pen(latents.presence)
    noise = tf.constant([[0.0, 0.0, 0.0, 5.0, math.inf, 5.0, 5.0]])
    token, _ = model.token(latents, pen, latents.stroke, noise)
    expected = [[[0.0, 0.0, 0.5, 0.3 + 0.1 * math.pi]]]
    np.testing.assert_allclose(token.layout, expected, rtol=1e-5, atol=1e-6)
