import numpy as np

from tfdood.evaluate.measures import longest_curves
from tfdood.parsing.base import Parses
from tfdood.types import Pen, Strokes


class _Model:
    """Draws a stroke as one pixel, as bright as its contrast."""

    def run_all(self, signature, *, outputs, **inputs):
        assert (signature, outputs) == ("render", ("canvases",))
        ink = inputs["presence"] * inputs["stroke_contrast"]
        return {"canvases": np.cumsum(ink, 1)[..., None, None, None]}


def _parses(lengths, presence, contrasts):
    """Straight curves of given lengths."""
    points = np.zeros([1, len(lengths), 2, 2], np.float32)
    points[0, :, 1, 0] = lengths
    layout = np.tile([0.0, 0.0, 1.0, 0.0], [1, len(lengths), 1])
    strokes = Strokes(np.array([presence]), np.float32(layout), points)
    blur = np.ones([1, len(lengths)])
    pen = Pen(blur, np.array([contrasts]), np.ones([1]))
    return Parses(strokes, pen, np.zeros([1]), np.zeros([1]))


def test_the_longest_curves_are_drawn_first():
    parses = _parses([0.2, 0.5, 0.9, 0.4], [1, 1, 0, 1], [0.1, 0.3, 9, 0.2])
    errors = longest_curves.errors(_Model(), parses, np.ones([1, 1, 1, 1]))
    # 0.3, 0.2, 0.1 and none are added to a blank canvas.
    np.testing.assert_allclose(errors, [[0.7, 0.5, 0.4, 0.4]])


def test_many_drawings_are_drawn_in_calls_of_bounded_size():
    parses = _parses([0.2, 0.5], [1, 1], [0.1, 0.3]).rows(np.zeros(600, int))
    images = np.linspace(0.0, 1.0, 600)[:, None, None, None]
    errors = longest_curves.errors(_Model(), parses, images)
    drawn = np.array([0.3, 0.4])
    np.testing.assert_allclose(errors, np.abs(drawn - images[:, :, 0, 0]))
