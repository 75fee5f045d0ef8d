"""The structures, and the pixel convention that all who use them share."""

import numpy as np
import pytest
import tensorflow as tf

from tfdood import layers
from tfdood import types as drawings
from tfdood.data import resizing
from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp as warp_lib

_SIZE = 50
_ROW, _COLUMN = 12, 31
_IDENTITY = [0.0, 0.0, 1.0, 0.0]


def _centre(column, row):
    return (column + 0.5) / _SIZE, (row + 0.5) / _SIZE


def _peak(image):
    return np.unravel_index(np.argmax(image), (_SIZE, _SIZE))


def _dot(x, y, layout=_IDENTITY):
    """A drawing of one point at `(x, y)` of its stroke's unit square."""
    strokes = drawings.Strokes(
        presence=tf.ones([1]),
        layout=tf.constant([layout]),
        control_points=tf.fill([1, 3, 1], 1.0) * [x, y],
    )
    pen = drawings.Pen(tf.fill([1], 0.01), tf.fill([1], 0.6), tf.constant(0.5))
    canvases = layers.StrokeRenderer(_SIZE).canvases(strokes, pen)
    return drawings.Drawing(strokes, pen, canvases)


def test_the_renderer_has_pixel_centres_at_halves():
    assert _peak(_dot(*_centre(_COLUMN, _ROW)).canvases) == (_ROW, _COLUMN)


def test_resizing_has_pixel_centres_at_halves():
    large = np.zeros((1, 2 * _SIZE, 2 * _SIZE, 1), np.uint8)
    large[0, 2 * _ROW : 2 * _ROW + 2, 2 * _COLUMN : 2 * _COLUMN + 2] = 255
    assert _peak(resizing.resize(large, _SIZE)) == (_ROW, _COLUMN)


@pytest.mark.parametrize(("right", "down"), [(7, 0), (0, -5), (-4, 9)])
def test_shifts_are_in_half_image_widths(right, down):
    layout = [2 * right / _SIZE, 2 * down / _SIZE, 1.0, 0.0]
    dot = _dot(*_centre(_COLUMN, _ROW), layout).canvases
    assert _peak(dot) == (_ROW + down, _COLUMN + right)
    seen = warp_lib.glimpse(dot[0], affine_lib.from_layout(tf.constant(layout)))
    assert _peak(seen) == (_ROW, _COLUMN)


def test_structures_keep_their_fields_through_functions_of_tensorflow():
    drawing = _dot(0.5, 0.5)
    doubled = tf.function(lambda d: tf.nest.map_structure(lambda x: 2 * x, d))
    result = doubled(drawing)
    assert isinstance(result, drawings.Drawing)
    assert isinstance(result.strokes, drawings.Strokes)
    np.testing.assert_array_equal(result.pen.blur, 2 * drawing.pen.blur)


def test_canvas_is_the_last_of_the_canvases():
    canvases = tf.reshape(tf.range(2.0 * 3 * 4), [2, 3, 2, 2, 1])
    drawing = drawings.Drawing(None, None, canvases)
    np.testing.assert_array_equal(drawing.canvas, canvases[:, -1])


@pytest.mark.parametrize("kind", [drawings.Strokes, drawings.Codes])
def test_presence_of_a_parse_is_that_of_its_strokes(kind):
    strokes = kind(tf.ones([1, 2, 3]), tf.zeros([1, 2, 3, 4]), None)
    drawing = drawings.Drawing(strokes, None, None)
    parse = drawings.Parse(drawing, None, None, None, None, None)
    assert parse.presence is strokes.presence
