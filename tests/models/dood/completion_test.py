import numpy as np
import tensorflow as tf

from tfdood.models.common import noise
from tfdood.models.dood import completion, inference
from tfdood.types import Pen, Strokes

_TYPICAL = Pen(
    tf.fill([12, 3], 0.02), tf.fill([12, 3], 0.7), tf.fill([12], 0.5)
)


def _trace(model, images) -> inference.Trace:
    infer = inference.Inference(model.generative, model.recognition)
    numbers = noise.draw(model.config, tf.constant([3, 4]), 4, 3)
    return infer(images, numbers, 3)


def test_goes_on_after_the_last_stroke_that_is_present(model, images):
    trace = _trace(model, images)
    state, pen = completion.last_state(model.generative, trace, _TYPICAL)
    counts = trace.steps.presence.numpy().sum(1).astype(int)
    assert len(set(counts)) > 1
    np.testing.assert_array_equal(state.presence, np.ones(12))
    canvas = np.tanh(state.ink / trace.canvas_contrast[:, None, None, None])
    np.testing.assert_allclose(canvas, trace.steps.canvas[:, -1], atol=1e-5)
    for row, count in enumerate(counts):
        if count:
            layout = trace.steps.layout[row, count - 1]
            memory = trace.steps.stroke_state[row, count - 1]
            blur = trace.steps.blur[row, 0]
        else:
            layout, memory, blur = np.zeros(4), np.zeros(8), 0.02
        np.testing.assert_array_equal(state.layout[row], layout)
        np.testing.assert_array_equal(state.stroke_state[row], memory)
        np.testing.assert_allclose(pen.blur[row], np.full(3, blur))


def test_present_strokes_come_first_in_their_order():
    def strokes(presence, first):
        number = np.arange(first, first + 3, dtype=np.float32)
        return Strokes(
            tf.constant([presence]),
            tf.constant(number[None, :, None] * np.ones([1, 3, 4], np.float32)),
            tf.constant(
                number[None, :, None, None] * np.ones([1, 3, 5, 2], np.float32)
            ),
        )

    def pen(first):
        number = tf.range(first, first + 3.0)[None]
        return Pen(number, number, tf.constant([0.5]))

    joined, joined_pen = completion.join(
        strokes([1.0, 0.0, 0.0], 0),
        pen(0.0),
        strokes([1.0, 1.0, 0.0], 3),
        pen(3.0),
    )
    np.testing.assert_array_equal(joined.presence, [[1, 1, 1, 0, 0, 0]])
    order = [[0, 3, 4, 1, 2, 5]]
    np.testing.assert_array_equal(joined.layout[..., 0], order)
    np.testing.assert_array_equal(joined.control_points[..., 1, 1], order)
    np.testing.assert_array_equal(joined_pen.stroke_contrast, order)
