"""Lines that become strokes of a model, and widths that become pens."""

import numpy as np
import pytest

from tfdood.drawing import canvas
from tfdood.parsing import placing

LINES = [
    [np.array([[0.1, 0.2], [0.8, 0.2]]), np.array([[0.5, 0.5]])],
    [],
]


def test_strokes_lie_on_their_lines():
    strokes = placing.strokes(LINES, 3, 5)
    np.testing.assert_array_equal(strokes.presence, [[1, 1, 0], [0, 0, 0]])
    placed = canvas.place(strokes.layout, strokes.control_points).numpy()
    np.testing.assert_allclose(
        placed[0, 0], np.linspace([0.1, 0.2], [0.8, 0.2], 5), atol=1e-3
    )
    np.testing.assert_allclose(placed[0, 1], 0.5, atol=1e-6)


def test_frames_have_their_stroke_in_the_middle():
    strokes = placing.strokes(LINES, 3, 5)
    points = strokes.control_points[0, 0]
    np.testing.assert_allclose(points.mean(0), 0.5, atol=1e-3)
    np.testing.assert_allclose(np.ptp(points, 0).max(), 0.65, rtol=1e-3)
    assert strokes.layout[0, 1, 2] == np.float32(0.2)  # a dot


@pytest.mark.parametrize("width", [0.04, 0.06])
def test_the_pen_draws_lines_of_the_width(width):
    strokes = placing.strokes([[np.array([[0.2, 0.5], [0.8, 0.5]])]], 1, 5)
    pen = placing.pen(np.array([width]), strokes.layout, "canvas")
    images = canvas.stroke_images(*strokes[1:], *pen[:2], 200)
    image = canvas.composite_last(
        images, strokes.presence, pen.canvas_contrast
    ).numpy()[0, :, :, 0]
    column = image[:, 100]
    assert abs((column > column.max() / 2.0).mean() - width) < 0.15 * width


def test_blurs_are_in_widths_of_the_frame_where_the_model_has_them_so():
    strokes = placing.strokes(LINES, 3, 5)
    args = np.array([0.05, 0.0]), strokes.layout
    on_canvas, in_frames = (
        placing.pen(*args, frame).blur for frame in ("canvas", "glimpse")
    )
    np.testing.assert_allclose(
        canvas.place_blur(strokes.layout, in_frames), on_canvas, rtol=1e-6
    )
