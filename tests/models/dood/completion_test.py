import numpy as np
import tensorflow as tf

from tfdood.models.common import noise
from tfdood.models.dood import completion, inference
from tfdood.types import Pen

_TYPICAL = Pen(
    tf.fill([12, 3], 0.02), tf.fill([12, 3], 0.7), tf.fill([12], 0.5)
)


def _trace(model, images) -> inference.Trace:
    numbers = noise.draw(model.noise_shape, tf.constant([3, 4]), 4, 3)
    return model._infer(images, numbers, 3)


def test_prior_continues_after_the_last_present_stroke(dood, images):
    trace = _trace(dood, images)
    state, pen = completion.last_state(dood.generative, trace, _TYPICAL)
    counts = trace.steps.presence.numpy().sum(1).astype(int)
    assert len(set(counts)) > 1
    np.testing.assert_array_equal(state.presence, np.ones(12))
    canvas = np.tanh(state.ink / trace.canvas_contrast[:, None, None, None])
    np.testing.assert_allclose(canvas, trace.steps.canvas[:, -1], atol=1e-5)
    for row, count in enumerate(counts):
        if count:
            layout = trace.steps.layout[row, count - 1]
            stroke = trace.steps.stroke[row, count - 1]
            memory = trace.steps.stroke_state[row, count - 1]
            blur = trace.steps.blur[row, 0]
        else:
            layout, stroke = np.zeros(4), np.zeros([5, 2])
            memory, blur = np.zeros(8), 0.02
        # Copies: exact.
        np.testing.assert_array_equal(state.layout[row], layout)
        np.testing.assert_array_equal(state.stroke[row], stroke)
        np.testing.assert_array_equal(state.stroke_state[row], memory)
        np.testing.assert_allclose(pen.blur[row], np.full(3, blur))
