import json

import numpy as np

from tfdood.vectors import polyline_json
from tfdood.vectors.pen_strokes import PenStroke


def test_object_has_size_points_width_and_opacity():
    line = PenStroke(np.array([[[0.0, 1.0], [4.0, 1.0]]]), 2.0, 0.5)
    text = polyline_json.write([line], 640, 480, spacing=2.0)
    assert json.loads(text) == {
        "width": 640,
        "height": 480,
        "strokes": [
            {"points": [[0, 1], [2, 1], [4, 1]], "width": 2, "opacity": 0.5}
        ],
    }
