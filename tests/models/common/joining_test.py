import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import joining
from tfdood.types import Codes, Pen, Strokes


def _strokes(record, presence, first):
    number = np.arange(first, first + 3, dtype=np.float32)[np.newaxis]
    shape = {Strokes: [5, 2], Codes: [6]}[record]
    latents = number.reshape(1, 3, *[1] * len(shape)) * np.ones(shape)
    return record(
        tf.constant([presence]),
        tf.constant(number[..., np.newaxis] * np.ones(4, np.float32)),
        tf.constant(latents, tf.float32),
    )


def _pen(first):
    number = tf.range(first, first + 3.0)[tf.newaxis]
    return Pen(number, 10.0 * number, tf.constant([0.5]))


@pytest.mark.parametrize("record", [Strokes, Codes])
def test_present_strokes_come_first_in_their_order(record):
    joined, pen = joining.join(
        _strokes(record, [1.0, 0.0, 0.0], 0),
        _pen(0.0),
        _strokes(record, [1.0, 1.0, 0.0], 3),
        _pen(3.0),
    )
    assert isinstance(joined, record)
    np.testing.assert_array_equal(joined.presence, [[1, 1, 1, 0, 0, 0]])
    order = np.array([[0, 3, 4, 1, 2, 5]])
    # Copies: exact.
    np.testing.assert_array_equal(joined.layout[..., 0], order)
    np.testing.assert_array_equal(
        np.reshape(joined[2], [1, 6, -1])[..., -1], order
    )
    np.testing.assert_array_equal(pen.blur, order)
    np.testing.assert_array_equal(pen.stroke_contrast, 10 * order)
    np.testing.assert_array_equal(pen.canvas_contrast, [0.5])
