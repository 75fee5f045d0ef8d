import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import layers
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas, frames
from tfdood.drawing import warp as warp_lib
from tfdood.types import Pen, Strokes

_EVENTS = ((3,), (3, 4), (3, 5, 2), (3,), (3,), ())
_FRAMES = ("canvas", "glimpse")


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


def _function(frame):
    in_frames = frames.stroke_images_in_frames
    return {"canvas": canvas.stroke_images, "glimpse": in_frames}[frame]


def _expected_canvases(frame, strokes, pen):
    images = _function(frame)(*strokes[1:], *pen[:2], 12, 40)
    return canvas.composite(images, strokes.presence, pen.canvas_contrast)


@pytest.mark.parametrize("frame", _FRAMES)
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_renderer_equals_the_functions(leading, frame):
    strokes, pen = _drawing(*leading)
    strokes.presence[..., 2] = 0.0
    expected = _expected_canvases(frame, strokes, pen)
    layer = layers.StrokeRenderer(12, 40, frame)
    np.testing.assert_allclose(
        layer(strokes, pen), expected[..., -1, :, :, :], atol=1e-6
    )
    layer = layers.StrokeRenderer(12, 40, frame, return_sequences=True)
    np.testing.assert_allclose(layer(strokes, pen), expected, atol=1e-6)


@pytest.mark.parametrize("frame", _FRAMES)
def test_methods_equal_the_functions(frame):
    strokes, pen = _drawing(2, 3)
    layer = layers.StrokeRenderer(12, 40, frame)
    arguments = *strokes[1:], *pen[:2]
    # Equal, as the method calls the function.
    np.testing.assert_array_equal(
        layer.stroke_images(*arguments), _function(frame)(*arguments, 12, 40)
    )
    expected = _expected_canvases(frame, strokes, pen)
    np.testing.assert_allclose(
        layer.canvases(strokes, pen), expected, atol=1e-6
    )
    np.testing.assert_allclose(
        layer.canvas(strokes, pen), expected[..., -1, :, :, :], atol=1e-6
    )


def test_frames_draw_different_images():
    strokes, pen = _drawing(2)
    on_canvas, in_frame = (
        layers.StrokeRenderer(12, 40, frame)(strokes, pen) for frame in _FRAMES
    )
    assert np.abs(on_canvas - in_frame).max() > 0.1


@pytest.mark.parametrize(
    ("frame", "jit_compile"), [("canvas", False), ("glimpse", True)]
)
def test_methods_work_in_a_function_for_all_batch_sizes(frame, jit_compile):
    layer = layers.StrokeRenderer(12, 40, frame)

    def draw(*fields):
        strokes, pen = Strokes(*fields[:3]), Pen(*fields[3:])
        images = layer.stroke_images(*strokes[1:], *pen[:2])
        return images, layer.canvases(strokes, pen), layer.canvas(strokes, pen)

    traced = tf.function(
        draw,
        jit_compile=jit_compile,
        input_signature=[tf.TensorSpec([None, *event]) for event in _EVENTS],
    )
    for batch_size in (1, 3):
        strokes, pen = _drawing(batch_size)
        for actual, expected in zip(
            traced(*strokes, *pen), draw(*strokes, *pen), strict=True
        ):
            np.testing.assert_allclose(actual, expected, atol=1e-5)
    assert traced.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("frame", _FRAMES)
def test_gradients_of_single_strokes_are_those_of_the_functions(frame):
    strokes, pen = _drawing(2)
    fields = [tf.constant(x) for x in (*strokes[1:], *pen[:2])]
    layer = layers.StrokeRenderer(12, 40, frame)
    gradients = []
    for draw in (
        layer.stroke_images,
        lambda *fields: _function(frame)(*fields, 12, 40),
    ):
        with tf.GradientTape() as tape:
            tape.watch(fields)
            total = tf.reduce_sum(draw(*fields) ** 2)
        gradients.append(tape.gradient(total, fields))
    for actual, expected in zip(*gradients, strict=True):
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("frame", _FRAMES)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_renderer_in_a_functional_model_can_be_saved(
    tmp_path, return_sequences, frame
):
    inputs = [keras.Input(event) for event in _EVENTS]
    layer = layers.StrokeRenderer(12, 40, frame, return_sequences)
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


def test_configuration_makes_an_equal_renderer():
    layer = layers.StrokeRenderer(
        12, 40, "glimpse", return_sequences=True, name="pencil"
    )
    config = layer.get_config()
    again = layers.StrokeRenderer.from_config(config)
    assert again.get_config() == config
    assert config["frame"] == "glimpse"
    drawing = _drawing(2)
    # Equal, as this is a repetition of one computation.
    np.testing.assert_array_equal(again(*drawing), layer(*drawing))


def test_configuration_without_a_frame_rasterises_on_the_canvas():
    config = layers.StrokeRenderer(12, 40).get_config()
    del config["frame"]
    assert layers.StrokeRenderer.from_config(config).frame == "canvas"


def test_layers_have_no_weights():
    renderer = layers.StrokeRenderer(12)
    renderer(*_drawing(2))
    transformer = layers.SpatialTransformer(5)
    transformer(*_images_and_parameters(4))
    assert renderer.weights == transformer.weights == []


def test_unknown_frame_raises():
    with pytest.raises(
        ValueError, match=r"'paper'; choose from \['canvas', 'glimpse'\]"
    ):
        layers.StrokeRenderer(frame="paper")


@pytest.mark.parametrize("frame", _FRAMES)
def test_renderer_passes_gradients_to_strokes_and_pen(frame):
    strokes, pen = _drawing(2)
    fields = [tf.constant(x) for x in (*strokes, *pen)]
    layer = layers.StrokeRenderer(12, frame=frame)
    with tf.GradientTape() as tape:
        tape.watch(fields)
        drawing = layer(Strokes(*fields[:3]), Pen(*fields[3:]))
    for gradient in tape.gradient(drawing, fields):
        assert np.all(np.isfinite(gradient))
        assert np.abs(gradient).max() > 0.0


def test_renderer_computes_in_32_bits_under_mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        drawing = layers.StrokeRenderer(12)(*_drawing(2))
    finally:
        keras.config.set_dtype_policy(policy)
    assert drawing.dtype == tf.float32


def test_renderer_names_the_wrong_shape():
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
def test_transformer_equals_the_function_and_can_be_saved(
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


def test_functional_model_of_both_layers_and_weights_can_be_saved(tmp_path):
    """An encoder that draws what it sees through a glimpse."""
    images, parameters = _images_and_parameters(4)
    inputs = keras.Input((8, 9, 3)), keras.Input((4,))
    glimpse = layers.SpatialTransformer((4, 6), name="glimpse")(*inputs)
    features = keras.layers.Flatten()(glimpse)
    fields = [
        keras.layers.Reshape(event)(
            keras.layers.Dense(
                int(np.prod(event)),
                activation="sigmoid",
                bias_initializer="random_normal",
            )(features)
        )
        for event in _EVENTS[:-1]
    ]
    contrast = keras.layers.Dense(1, activation="softplus")(features)
    contrast = keras.layers.Reshape(())(contrast)
    strokes, pen = Strokes(*fields[:3]), Pen(*fields[3:], contrast)
    renderer = layers.StrokeRenderer(12, 40, "glimpse", name="renderer")
    model = keras.Model(inputs, renderer(strokes, pen))
    path = tmp_path / "model.keras"
    keras.models.save_model(model, path)
    loaded = keras.models.load_model(path)
    for name in ("glimpse", "renderer"):
        config = model.get_layer(name).get_config()
        assert loaded.get_layer(name).get_config() == config
    expected = model([images, parameters])
    assert expected.shape == (2, 12, 12, 1)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(
        loaded([images, parameters]), expected, atol=1e-6
    )
    assert len(loaded.trainable_variables) == 12


@pytest.mark.parametrize(
    ("images_shape", "parameters_shape", "message"),
    [
        ((2, 8, 8, 1), (2, 5), r"4 parameters .* or 7 .*\(2, 5\)"),
        ((8, 8), (4,), "known H, W and C"),
        ((2, 8, 8, 1), (3, 4), r"shape \(3, 4\), expected \(2, 4\)"),
    ],
)
def test_transformer_names_the_wrong_shape(
    images_shape, parameters_shape, message
):
    with pytest.raises(ValueError, match=message):
        layers.SpatialTransformer()(
            np.zeros(images_shape), np.zeros(parameters_shape)
        )


@pytest.mark.parametrize("num_parameters", [4, 7])
def test_transformer_works_in_a_function_for_all_batch_sizes(num_parameters):
    layer = layers.SpatialTransformer((4, 6))
    traced = tf.function(
        layer.call,
        input_signature=[
            tf.TensorSpec([None, 8, 9, 3]),
            tf.TensorSpec([None, num_parameters]),
        ],
    )
    images, parameters = _images_and_parameters(num_parameters)
    for count in (1, 2):
        np.testing.assert_allclose(
            traced(images[:count], parameters[:count]),
            layer(images[:count], parameters[:count]),
            atol=1e-6,
        )
    assert traced.experimental_get_tracing_count() == 1


def test_transformer_with_the_identity_layout_returns_the_images():
    images, _ = _images_and_parameters(4)
    layouts = np.tile(np.float32([0.0, 0.0, 1.0, 0.0]), (2, 1))
    np.testing.assert_allclose(
        layers.SpatialTransformer()(images, layouts), images, atol=1e-6
    )


def test_spatial_transformer_samples_several_images_at_once():
    images = tf.random.stateless_uniform([2, 3, 8, 8, 1], [1, 2])
    parameters = tf.random.stateless_uniform([3, 4], [3, 4], 0.1, 0.6)
    transformer = layers.SpatialTransformer(5)
    for image, glimpse in zip(
        images, transformer.of_each(list(images), parameters), strict=True
    ):
        expected = transformer(image, parameters)
        np.testing.assert_allclose(glimpse, expected, atol=1e-6)
