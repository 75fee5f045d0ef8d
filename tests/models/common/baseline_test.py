import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import baseline
from tfdood.types import Codes, Context, Strokes

_T, _N, _WIDTH = 4, 3, 8
_RECORDS = {Strokes: (5, 2), Codes: (6,)}


def _inputs(presence, record=Strokes):
    shape = _RECORDS[record]
    strokes = record(
        tf.constant(presence),
        tf.random.stateless_normal([_N, _T, 4], [1, 1]),
        tf.random.stateless_normal([_N, _T, *shape], [1, 2]),
    )
    target = tf.random.stateless_normal([_N, _WIDTH], [1, 3])
    canvases = tf.random.stateless_normal([_N, _T, _WIDTH], [1, 4])
    return Context(target, canvases), strokes


def _baseline(record=Strokes):
    size = int(np.prod(_RECORDS[record]))
    return baseline.Baseline(_WIDTH, 2 * _WIDTH, size)


@pytest.mark.parametrize("record", _RECORDS)
@pytest.mark.parametrize("field", [1, 2])
def test_guess_depends_on_earlier_strokes_alone(record, field):
    layer = _baseline(record)
    context, strokes = _inputs(np.ones([_N, _T], np.float32), record)
    before = layer(context, strokes)
    for t in range(_T):
        fields = list(strokes)
        noise = tf.reshape(
            tf.one_hot(t, _T), [_T] + [1] * (fields[field].shape.rank - 2)
        )
        fields[field] += noise
        after = layer(context, record(*fields))
        # The same route, repeated: exact.
        np.testing.assert_array_equal(before[:, : t + 1], after[:, : t + 1])
        if t + 1 < _T:
            assert np.all(before[:, t + 1] != after[:, t + 1])


def test_guess_depends_on_the_canvas_of_its_own_step():
    layer = _baseline()
    context, strokes = _inputs(np.ones([_N, _T], np.float32))
    before = layer(context, strokes)
    last = tf.one_hot(_T - 1, _T)[:, tf.newaxis]
    moved = context._replace(canvases=context.canvases + last)
    after = layer(moved, strokes)
    # The same route, repeated: exact.
    np.testing.assert_array_equal(before[:, :-1], after[:, :-1])
    assert np.all(before[:, -1] != after[:, -1])


def test_guess_is_zero_after_the_first_absent_stroke():
    presence = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    guesses = _baseline()(*_inputs(presence.astype(np.float32)))
    decided = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    np.testing.assert_array_equal(guesses != 0.0, decided == 1)


def test_gradient_goes_to_its_weights_alone():
    layer = _baseline()
    context, strokes = _inputs(np.ones([_N, _T], np.float32))
    watched = [*context, strokes.layout, strokes.control_points]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        total = tf.reduce_sum(layer(context, strokes))
    weights = layer.trainable_variables
    gradients = tape.gradient(total, watched + [w.value for w in weights])
    assert not any(np.any(g) for g in gradients[:4] if g is not None)
    assert all(np.any(g != 0.0) for g in gradients[4:])


def test_context_may_be_of_size_zero():
    layer = baseline.Baseline(_WIDTH, _WIDTH, 10)
    context, strokes = _inputs(np.ones([_N, _T], np.float32))
    context = context._replace(canvases=context.canvases[..., :0])
    assert layer(context, strokes).shape == [_N, _T]


def test_recurrent_weights_start_as_in_the_authors_code():
    for weight in _baseline().rnn.trainable_variables:
        largest = np.abs(weight).max()
        assert 0.5 * _WIDTH**-0.5 < largest <= _WIDTH**-0.5
