import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import layers
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas
from tfdood.drawing import warp as warp_lib
from tfdood.types import Pen, Strokes

_EVENTS = ((3,), (3, 4), (3, 5, 2), (3,), (3,), ())


def _drawing(*leading, seed=0):
    rng = np.random.default_rng(seed)
    fields = [
        rng.uniform(0.1, 0.5, (*leading, *event)).astype("float32")
        for event in _EVENTS
    ]
    fields[0] = np.ones_like(fields[0])
    return Strokes(*fields[:3]), Pen(*fields[3:])


def _images_and_parameters(num_parameters, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.uniform(size=(2, 8, 9, 3)).astype("float32")
    parameters = rng.uniform(0.2, 0.6, (2, num_parameters)).astype("float32")
    return images, parameters


def _reloaded(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    return keras.models.load_model(path)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_renderer_draws_what_the_function_draws(leading, return_sequences):
    strokes, pen = _drawing(*leading)
    layer = layers.StrokeRenderer(12, 40, return_sequences=return_sequences)
    canvases = canvas.render(strokes, pen, 12, 40)
    expected = canvases if return_sequences else canvases[..., -1, :, :, :]
    np.testing.assert_allclose(layer(strokes, pen), expected, atol=1e-6)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_renderer_in_a_functional_model_survives_saving(
    tmp_path, return_sequences
):
    inputs = [keras.Input(event) for event in _EVENTS]
    layer = layers.StrokeRenderer(12, 40, return_sequences=return_sequences)
    output = layer(Strokes(*inputs[:3]), Pen(*inputs[3:]))
    steps = (3,) if return_sequences else ()
    assert output.shape == (None, *steps, 12, 12, 1)
    model = keras.Model(inputs, output)
    strokes, pen = _drawing(2)
    fields = [*strokes, *pen]
    expected = layer(strokes, pen)
    np.testing.assert_allclose(model(fields), expected, atol=1e-6)
    reloaded = _reloaded(model, tmp_path)
    np.testing.assert_allclose(
        reloaded.predict(fields, verbose=0), expected, atol=1e-6
    )


def test_renderer_passes_gradients_to_strokes_and_pen():
    strokes, pen = _drawing(2)
    fields = [tf.constant(x) for x in (*strokes, *pen)]
    with tf.GradientTape() as tape:
        tape.watch(fields)
        drawing = layers.StrokeRenderer(12)(
            Strokes(*fields[:3]), Pen(*fields[3:])
        )
    for gradient in tape.gradient(drawing, fields):
        assert np.abs(gradient).max() > 0.0


def test_renderer_computes_in_32_bits_under_mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        drawing = layers.StrokeRenderer(12)(*_drawing(2))
    finally:
        keras.config.set_dtype_policy(policy)
    assert drawing.dtype == tf.float32


def test_renderer_says_which_shape_does_not_fit():
    strokes, pen = _drawing(2)
    layout = strokes.layout[..., :3]
    with pytest.raises(
        ValueError, match=r"layout has shape \(2, 3, 3\), expected \(2, 3, 4\)"
    ):
        layers.StrokeRenderer(12)(strokes._replace(layout=layout), pen)


@pytest.mark.parametrize("output_size", [None, 5, (4, 6)])
@pytest.mark.parametrize(
    ("num_parameters", "affine_from"),
    [(4, affine_lib.from_layout), (7, affine_lib.from_parameters)],
)
def test_transformer_sees_what_the_function_sees_and_survives_saving(
    tmp_path, num_parameters, affine_from, output_size
):
    images, parameters = _images_and_parameters(num_parameters)
    expected = warp_lib.glimpse(images, affine_from(parameters), output_size)
    inputs = keras.Input((8, 9, 3)), keras.Input((num_parameters,))
    output = layers.SpatialTransformer(output_size)(*inputs)
    assert output.shape == (None, *expected.shape[1:])
    model = keras.Model(inputs, output)
    for each in (model, _reloaded(model, tmp_path)):
        np.testing.assert_allclose(
            each([images, parameters]), expected, atol=1e-6
        )


@pytest.mark.parametrize(
    ("images_shape", "parameters_shape", "message"),
    [
        ((2, 8, 8, 1), (2, 5), r"4 parameters .* or 7 .*\(2, 5\)"),
        ((8, 8), (4,), "known H, W and C"),
        ((2, 8, 8, 1), (3, 4), r"shape \(3, 4\), expected \(2, 4\)"),
    ],
)
def test_transformer_says_what_does_not_fit(
    images_shape, parameters_shape, message
):
    with pytest.raises(ValueError, match=message):
        layers.SpatialTransformer()(
            np.zeros(images_shape), np.zeros(parameters_shape)
        )
