import json

import numpy as np

from tfdood.vectors import ndjson
from tfdood.vectors.pen_strokes import PenStroke


def test_a_drawing_is_one_line_with_the_x_and_the_y_of_each_stroke():
    corner = np.array([[[0, 0], [0, 51]], [[0, 51], [51, 51]]], float)
    dot = np.full([1, 3, 2], 51.0)
    strokes = [PenStroke(corner, 1.0), PenStroke(dot, 1.0)]
    text = ndjson.write(strokes, "a\ncat")
    assert text.count("\n") == 1
    assert json.loads(text) == {
        "word": "a\ncat",
        "drawing": [[[0, 0, 255], [0, 255, 255]], [[255], [255]]],
    }
