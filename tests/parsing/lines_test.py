"""Lines of parses: placed on the canvas, joined by chains."""

import dataclasses

import numpy as np

from tfdood.models.gns import token
from tfdood.parsing import lines, splines
from tfdood.parsing.base import Parses
from tfdood.types import Pen, SplineStrokes, Strokes


def _parses(presence, control_points, layout=(0, 0, 1, 0)):
    """One parse of one image."""
    presence = np.float32([presence])
    count = presence.shape[1]
    layouts = np.broadcast_to(np.float32(layout), [1, count, 4])
    strokes = Strokes(presence, layouts, np.float32([control_points]))
    pen = Pen(np.full([1, count], 0.02), np.ones([1, count]), np.ones([1]))
    return Parses(strokes, pen, np.zeros([1]), np.zeros([1]))


def _bars(*heights):
    return np.stack([np.linspace([0.2, y], [0.6, y], 5) for y in heights])


def test_lines_are_those_of_strokes_that_are_present():
    points = _bars(0, 0.5, 1)
    ((first, second),) = lines.of_strokes(_parses([1, 1, 0], points))
    np.testing.assert_allclose(
        first, np.linspace([0.2, 0], [0.6, 0], 100), atol=1e-6
    )
    np.testing.assert_allclose(
        second, np.linspace([0.2, 0.5], [0.6, 0.5], 100), atol=1e-6
    )
    assert lines.of_strokes(_parses([0, 0, 0], points)) == [[]]


def test_lines_are_placed_on_the_canvas():
    points = np.stack([np.linspace([0, 0.5], [1, 0.5], 5)])
    ((line,),) = lines.of_strokes(_parses([1], points, (0.5, 0, 0.5, 0)))
    np.testing.assert_allclose(line[[0, -1]], [[0.5, 0.5], [1.0, 0.5]])


def test_curves_of_a_chain_are_one_line():
    parses = _parses([1, 1, 1, 0], _bars(0, 0.2, 0.4, 0.6))
    chained = dataclasses.replace(parses, chain=np.array([[0, 0, 1, 1]]))
    ((first, second),) = lines.of_strokes(chained)
    assert first.shape == (200, 2)
    np.testing.assert_allclose(first[[0, -1]], [[0.2, 0], [0.6, 0.2]])
    np.testing.assert_allclose(second[:, 1], 0.4, rtol=1e-6)
    np.testing.assert_array_equal(chained.num_strokes, [2])


def test_packed_lines_are_read_again():
    bars = _bars(0.0, 0.5, 1.0)
    drawings = [[bars[0], bars[1][:2]], [], [bars[2]]]
    found = lines.unpacked(**lines.packed(drawings))
    assert [len(drawing) for drawing in found] == [2, 0, 1]
    for own, expected in zip(found, drawings, strict=True):
        for line, other in zip(own, expected, strict=True):
            np.testing.assert_array_equal(line, other)
    assert lines.unpacked(**lines.packed([[], []])) == [[], []]


def test_lines_of_splines_are_in_the_unit_square():
    points = np.zeros([1, 3, 4, 2], np.float32)
    points[0, 0, :2] = [[21, 42], [63, 42]]
    points[0, 1, 0] = [52.5, 105]
    strokes = SplineStrokes(points, np.array([[2, 1, 0]]))
    still = token.Token(*np.zeros([3, 1]))
    parses = splines.SplineParses(strokes, strokes, still, *np.zeros([5, 1]))
    ((line, dot),) = lines.of_strokes(parses)
    np.testing.assert_allclose(line[:, 1], 0.4)
    # A spline starts at 0.8 of its first point and 0.2 of the second.
    np.testing.assert_allclose(line[[0, -1], 0], [0.28, 0.52])
    np.testing.assert_allclose(dot, np.tile([0.5, 1.0], [100, 1]))
