"""A small SavedModel whose answers are easy to compute, as fixtures."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import front

_SIZE = 6
_NUM_STROKES = 2
_CONTROL_POINTS = np.array(
    [[[0.1, 0.2], [0.5, 0.9], [0.9, 0.3]], [[0.2, 0.8], [0.4, 0.4], [0.7, 0.8]]]
)


class _Tiny(tf.Module):
    """Has the signatures of a model; the canvas is `gain` times the image.

    All numbers except those of decoded pictures are copies, or sums and
    products that are rounded once: tests compare them exactly.
    """

    def __init__(self):
        super().__init__()
        self.gain = tf.Variable(0.5)

    def draw(self, images):
        rows = tf.shape(images)[0]
        canvas = self.gain * images

        def tiled(values):
            values = tf.constant(values, tf.float32)[tf.newaxis]
            return tf.repeat(values, rows, 0)

        return {
            "canvas": canvas,
            "canvases": tf.stack([0.5 * canvas, canvas], 1),
            "presence": tiled([1.0, 1.0]),
            "control_points": tiled(_CONTROL_POINTS),
            "blur": tiled([0.02, 0.02]),
            "stroke_contrast": tiled([0.6, 0.6]),
            "canvas_contrast": tiled(0.5),
            "num_strokes": tf.fill([rows], _NUM_STROKES),
        }

    @tf.function(input_signature=[tf.TensorSpec([None] * 4, name="images")])
    def reconstruct(self, images):
        inside = tf.reduce_all((images >= 0.0) & (images <= 1.0))
        check = tf.debugging.Assert(inside, ["images must lie in [0, 1]"])
        with tf.control_dependencies([check]):
            return self.draw(tf.identity(images))

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")]
    )
    def reconstruct_bytes(self, image_bytes):
        def decode(data):
            image = tf.io.decode_image(data, 1, expand_animations=False)
            image = tf.image.resize(image, [_SIZE, _SIZE])
            return tf.ensure_shape(image / 255.0, [_SIZE, _SIZE, 1])

        image = tf.map_fn(decode, image_bytes, fn_output_signature=tf.float32)
        return {**self.draw(image), "image": image}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None] * 4, name="images"),
            tf.TensorSpec([None, 2], tf.int32, "seeds"),
        ]
    )
    def complete(self, images, seeds):
        gains = tf.cast(seeds[:, :1], tf.float32)[:, :, tf.newaxis, tf.newaxis]
        return self.draw(images * gains / 8.0)

    @tf.function(
        input_signature=[
            tf.TensorSpec(None, dtype, name)
            for name, dtype in (
                *(("a", tf.float32), ("b", tf.int32), ("c", tf.int64)),
                *(("d", tf.bool), ("e", tf.string)),
            )
        ]
    )
    def echo(self, a, b, c, d, e):
        return {
            **{"a": a + 1.0, "b": b + 1, "c": c + 1, "d": ~d},
            **{"e": tf.strings.join([e, e]), "e_bytes": e},
        }


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory) -> pathlib.Path:
    """The folder `tiny/`: versions 2 and 10, and folders without a model."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny = _Tiny()
    signatures = {
        name: getattr(tiny, name)
        for name in ("reconstruct", "reconstruct_bytes", "complete", "echo")
    }
    signatures["serving_default"] = tiny.reconstruct
    for version, gain in (("2", 0.25), ("10", 0.5)):
        tiny.gain.assign(gain)
        tf.saved_model.save(tiny, str(folder / version), signatures)
    (folder / "99.unfinished").mkdir()
    (folder / "11").mkdir()
    return folder


@pytest.fixture(scope="session")
def ports(model_dir) -> front.Ports:
    """Ports where the model is served as `tiny`."""
    with front.serve(model_dir) as ports:
        yield ports


@pytest.fixture
def png(tmp_path) -> pathlib.Path:
    """A picture of a white line on black paper."""
    pixels = np.zeros([_SIZE, _SIZE, 1])
    pixels[2, 1:-1] = 255
    path = tmp_path / "picture.png"
    path.write_bytes(tf.io.encode_png(pixels.astype(np.uint8)).numpy())
    return path


@pytest.fixture
def control_points() -> np.ndarray:
    """The `control_points` of every answer, `[T, K, 2]`."""
    return _CONTROL_POINTS
