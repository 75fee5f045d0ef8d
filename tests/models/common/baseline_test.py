import numpy as np
import tensorflow as tf

from tfdood.models.common import baseline
from tfdood.types import Strokes

_T, _N, _K, _WIDTH = 4, 3, 5, 8


def _inputs(presence):
    strokes = Strokes(
        tf.constant(presence),
        tf.random.stateless_normal([_N, _T, 4], [1, 1]),
        tf.random.stateless_normal([_N, _T, _K, 2], [1, 2]),
    )
    target = tf.random.stateless_normal([_N, _WIDTH], [1, 3])
    canvases = tf.random.stateless_normal([_N, _T, _WIDTH], [1, 4])
    return target, canvases, strokes


def test_looks_only_at_what_came_before():
    layer = baseline.Baseline(_WIDTH, _WIDTH, _K)
    target, canvases, strokes = _inputs(np.ones([_N, _T], np.float32))
    before = layer(target, canvases, strokes)
    for t in range(_T):
        noise = tf.one_hot(t, _T)[:, None]
        changed = strokes._replace(layout=strokes.layout + noise)
        after = layer(target, canvases, changed)
        # The same route, repeated: exact.
        np.testing.assert_array_equal(before[:, : t + 1], after[:, : t + 1])
        if t + 1 < _T:
            assert np.all(before[:, t + 1] != after[:, t + 1])


def test_is_zero_once_the_drawing_has_stopped():
    presence = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    guesses = baseline.Baseline(_WIDTH, _WIDTH, _K)(
        *_inputs(presence.astype(np.float32))
    )
    decided = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    np.testing.assert_array_equal(guesses != 0.0, decided == 1)


def test_sends_no_gradient_into_the_model():
    layer = baseline.Baseline(_WIDTH, _WIDTH, _K)
    target, canvases, strokes = _inputs(np.ones([_N, _T], np.float32))
    watched = [target, canvases, strokes.layout, strokes.control_points]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        total = tf.reduce_sum(layer(target, canvases, strokes))
    weights = layer.trainable_variables
    gradients = tape.gradient(total, watched + [w.value for w in weights])
    assert not any(np.any(g) for g in gradients[:4] if g is not None)
    assert all(np.any(g != 0.0) for g in gradients[4:])
