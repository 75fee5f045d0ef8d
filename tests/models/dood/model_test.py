import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing import frames
from tfdood.models.common import baseline
from tfdood.models.dood import generative
from tfdood.models.signature import LEAST_PEN
from tfdood.settings.architectures import Dood
from tfdood.types import Pen, Strokes

_SEED = tf.constant([1, 2])


@pytest.fixture(scope="module", name="framed")
def _framed():
    return tiny_models.build("dood_glimpse")


def _type():
    """Two strokes of one drawing, and their pen."""
    latents = generative.Latents(
        tf.ones([1, 2]),
        tf.constant([[[0.1, -0.1, 0.5, 0.3], [0.0, 0.0, -0.4, 0.0]]]),
        tf.random.stateless_uniform([1, 2, 5, 2], [1, 2], 0.15, 0.85),
    )
    return latents, Pen(tf.fill([1, 2], 0.04), tf.ones([1, 2]), tf.ones([1]))


def test_has_the_published_number_of_parameters():
    model = models.build(Dood(encoder="paper", glimpse_size=50))
    of_nvil = baseline.Baseline(256, model.context_size, 10)
    gen, rec = model.generative, model.recognition
    counts = {
        "layout_rnn": gen.layout_rnn.count_params(),
        "stroke_rnn": gen.stroke_rnn.count_params(),
        "layout": rec.layout_posterior.count_params(),
        "presence": rec.presence_head.count_params(),
        "stroke": rec.stroke_posterior.count_params(),
        "pen": rec.stroke_pen.count_params(),
        "prior presence": gen.prior.presence_head.count_params(),
        "prior layout": gen.prior.layout_prior.count_params(),
        "prior stroke": gen.prior.stroke_prior.count_params(),
        "baseline rnn": of_nvil.rnn.count_params(),
        "baseline": of_nvil.mlp.count_params(),
        "encoders": gen.encoder.count_params()
        + rec.residual_encoder.count_params(),
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


@pytest.mark.parametrize("frame", ["canvas", "glimpse"])
def test_render_draws_the_canvases_of_a_parse(dood, framed, images, frame):
    model = {"canvas": dood, "glimpse": framed}[frame]
    drawing = model.parse(images, 2, _SEED).drawing
    assert isinstance(drawing.strokes, Strokes)
    canvases = model.render(drawing.strokes, drawing.pen)
    np.testing.assert_allclose(canvases, drawing.canvases, atol=1e-5)


@pytest.mark.parametrize("frame", ["canvas", "glimpse"])
def test_outputs_draw_the_same_on_the_canvas(dood, framed, images, frame):
    """Clients draw with a layout of the whole canvas."""
    model = {"canvas": dood, "glimpse": framed}[frame]
    drawing = model.reconstruct(images)
    layout = drawing.strokes.layout
    if frame == "glimpse":  # The smallest scale of a frame is 0.01.
        layout = tf.concat([layout[:, :1] * [1, 1, 1e-3, 1], layout[:, 1:]], 1)
        strokes = drawing.strokes._replace(layout=layout)
        drawing = drawing._replace(strokes=strokes)
        layout = frames.invertible(layout)
    outputs = model.outputs(drawing)
    scale = np.abs(layout[..., 2])
    factor = scale if frame == "glimpse" else np.ones_like(scale)
    np.testing.assert_allclose(
        outputs["blur"], factor * drawing.pen.blur, rtol=1e-5
    )
    whole = tf.ones_like(drawing.strokes.layout) * [0.0, 0.0, 1.0, 0.0]
    placed = Strokes(outputs["presence"], whole, outputs["control_points"])
    pen = Pen(*(outputs[name] for name in Pen._fields))
    canvases = dood.render(placed, pen)
    # Frames warp a raster: the same lines, a little softer.
    if frame == "canvas":
        np.testing.assert_allclose(canvases, outputs["canvases"], atol=1e-4)
    np.testing.assert_allclose(
        outputs["control_points"],
        canvas_lib.place(layout, drawing.strokes.control_points),
        rtol=1e-5,
    )


def test_latents_are_strokes_in_frames_of_their_own(framed, images):
    drawing = framed.reconstruct(images)
    latents = framed.latents(drawing)
    assert list(latents) == [*Strokes._fields, *Pen._fields]
    # The same tensors: exact.
    np.testing.assert_array_equal(latents["blur"], drawing.pen.blur)
    np.testing.assert_array_equal(latents["layout"], drawing.strokes.layout)


def test_render_signature_takes_any_number_of_strokes(dood):
    signature = dood.render_signature()
    sizes = {n: wanted.shape for n, wanted in signature.inputs.items()}
    assert sizes == {
        "presence": ("T",),
        "layout": ("T", 4),
        "control_points": ("T", 5, 2),
        "blur": ("T",),
        "stroke_contrast": ("T",),
        "canvas_contrast": (),
    }
    for name in Pen._fields:
        least = signature.inputs[name].low
        assert least == LEAST_PEN
    latents, pen = _type()
    strokes = Strokes(*latents)
    drawn = signature.function(**strokes._asdict(), **pen._asdict())
    assert drawn["canvases"].shape == (1, 2, 20, 20, 1)
    np.testing.assert_allclose(
        drawn["canvas"], drawn["canvases"][:, -1], atol=1e-6
    )


def test_tokens_of_frames_keep_the_widths_of_lines(dood, framed):
    latents, pen = _type()
    noise = tf.zeros([1, 2, 5, 2]), tf.zeros([1, 7])
    same, same_pen = dood.token(latents, pen, *noise)
    np.testing.assert_array_equal(same_pen.blur, pen.blur)
    in_frames, framed_pen = framed.token(latents, pen, *noise)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(same.stroke, in_frames.stroke)
    np.testing.assert_allclose(framed_pen.blur, [[0.02, 0.016]], rtol=1e-5)


def test_completions_have_up_to_twice_as_many_strokes(dood, images):
    strokes = dood.complete(images, 3, seed=_SEED).strokes
    assert strokes.presence.shape == [3, 4, 6]
    # More than any parse of three strokes has.
    assert np.max(np.sum(strokes.presence, -1)) > 3


def test_exemplars_share_the_strokes_of_the_best_parse(dood, images):
    drawing = dood.exemplars(images, 5, seed=_SEED)
    presence = drawing.strokes.presence.numpy()
    assert presence.shape == (5, 4, 3)
    # Copies: exact.
    np.testing.assert_array_equal(presence, presence[:1].repeat(5, 0))
    blur = drawing.pen.blur.numpy()
    np.testing.assert_array_equal(blur, blur[:1].repeat(5, 0))
    points = drawing.strokes.control_points.numpy()
    assert np.all(points.std(axis=0) > 1e-3)


def test_settings_choose_the_frame_and_the_curve_points(tiny):
    settings = dataclasses.replace(
        tiny, stroke_frame="glimpse", num_curve_points=7
    )
    renderer = models.build(settings).renderer
    assert renderer.frame == "glimpse"
    assert renderer.num_curve_points == 7
    assert renderer.image_size == 20
