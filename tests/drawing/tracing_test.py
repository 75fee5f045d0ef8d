"""Traces of drawings whose strokes are known."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tfdood.drawing import skeletons, tracing

SIZE = 105


def _image(*lines, width=5):
    image = Image.new("L", (SIZE, SIZE))
    for line in lines:
        points = [(SIZE * x, SIZE * y) for x, y in line]
        ImageDraw.Draw(image).line(points, 255, width, joint="curve")
    return np.float32(image) / 255.0


def _ends(trace):
    return [line[[0, -1]].round(1).tolist() for line in trace.lines]


def test_a_cross_is_two_strokes_through_the_junction():
    trace = tracing.trace(
        _image([(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)])
    )
    assert sorted(_ends(trace)) == [
        [[0.2, 0.5], [0.8, 0.5]],
        [[0.5, 0.2], [0.5, 0.8]],
    ]


def test_only_edges_at_a_bridge_move():
    def edge(start, end, *nodes):
        return skeletons.Edge(np.float64([start, end]), nodes)

    bridge = edge([2, 2], [4, 2], 0, 1)
    at_it, elsewhere = edge([4, 2], [9, 5], 1, 2), edge([7, 7], [9, 5], 3, 2)
    moved, same = tracing._contracted([at_it, elsewhere], bridge)
    np.testing.assert_array_equal(moved.points, [[3, 2], [9, 5]])
    assert moved.nodes == (0, 2)
    assert same is elsewhere


def test_a_t_is_a_bar_and_a_stem():
    trace = tracing.trace(
        _image([(0.2, 0.2), (0.8, 0.2)], [(0.5, 0.2), (0.5, 0.8)])
    )
    spans = sorted(np.ptp(line, 0).round(1).tolist() for line in trace.lines)
    assert spans == [[0.0, 0.6], [0.6, 0.0]]


def test_a_stroke_may_have_corners():
    trace = tracing.trace(_image([(0.2, 0.2), (0.2, 0.8), (0.8, 0.8)]))
    assert _ends(trace) == [[[0.2, 0.2], [0.8, 0.8]]]


def test_a_sharp_tip_belongs_to_one_stroke():
    """Both lines of an N merge with its stem before they meet."""
    corners = [(0.3, 0.8), (0.3, 0.2), (0.6, 0.8), (0.6, 0.2)]
    trace = tracing.trace(_image(corners))
    assert len(trace.lines) == 1
    assert np.ptp(trace.lines[0], 0)[1] == pytest.approx(0.6, abs=0.08)


def test_strokes_start_at_the_top_left_and_come_in_this_order():
    trace = tracing.trace(
        _image(
            [(0.8, 0.9), (0.8, 0.6)],
            [(0.9, 0.1), (0.1, 0.1)],
            [(0.2, 0.5), (0.4, 0.5)],
        )
    )
    starts = [line[0].round(1).tolist() for line in trace.lines]
    assert starts == [[0.1, 0.1], [0.2, 0.5], [0.8, 0.6]]


def test_a_ring_starts_at_its_top_and_ends_there():
    image = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(image).ellipse([25, 25, 80, 80], outline=255, width=4)
    (line,) = tracing.trace(np.float32(image) / 255.0).lines
    np.testing.assert_array_equal(line[0], line[-1])
    assert line[:, 1].min() == line[0, 1]
    assert np.ptp(line, 0) == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_dot_is_a_point():
    image = np.zeros([SIZE, SIZE], np.float32)
    image[50:55, 20:25] = 1.0
    (line,) = tracing.trace(image).lines
    assert line.shape == (1, 2)
    assert line[0] * SIZE == pytest.approx([22.5, 52.5], abs=1.0)


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_an_empty_page_has_no_lines(level):
    trace = tracing.trace(np.full([50, 50], level, np.float32))
    assert trace.lines == []
    assert trace.width == 0.0


@pytest.mark.parametrize("width", [3, 5, 9])
def test_the_width_is_that_of_the_ink(width):
    trace = tracing.trace(_image([(0.2, 0.5), (0.8, 0.5)], width=width))
    assert trace.width == pytest.approx(width / SIZE, abs=1.5 / SIZE)


def test_faint_drawings_have_the_same_strokes():
    image = _image([(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)])
    bright, faint = (tracing.trace(x).lines for x in (image, 0.3 * image))
    assert len(bright) == 2
    for one, other in zip(bright, faint, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_small_drawings_are_traced_as_well():
    image = _image([(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)])
    small = np.float32(Image.fromarray(image).resize((28, 28)))
    assert len(tracing.trace(small).lines) == 2
