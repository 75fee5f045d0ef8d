"""Skeletons of shapes whose lines are known."""

import numpy as np
from PIL import Image, ImageDraw

from tfdood.drawing import skeletons

SIZE = 100


def _drawn(*lines, width=5):
    image = Image.new("L", (SIZE, SIZE))
    for line in lines:
        ImageDraw.Draw(image).line(line, 255, width)
    return np.array(image) > 0


def _ring():
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    radius = np.hypot(x - 50.0, y - 50.0)
    return (radius > 28.0) & (radius < 32.0)


def test_a_line_is_one_edge_with_free_ends():
    graph = skeletons.graph(_drawn([(20, 50), (80, 50)]))
    (edge,) = graph.edges
    assert edge.nodes == (-1, -1)
    assert abs(edge.length - 60.0) < 6.0
    np.testing.assert_allclose(edge.points[:, 1], 50.5, atol=1.0)
    assert abs(graph.radius - 2.5) < 1.0


def test_a_cross_has_four_edges_that_meet():
    graph = skeletons.graph(_drawn([(20, 50), (80, 50)], [(50, 20), (50, 80)]))
    long = [edge for edge in graph.edges if edge.length > 10.0]
    assert len(long) == 4
    ends = np.array(
        [edge.points[edge.nodes.index(max(edge.nodes)) * -1] for edge in long]
    )
    np.testing.assert_allclose(ends, 50.5, atol=3.0)
    assert sum(skeletons.degrees(graph.edges).values()) >= 4


def test_a_ring_ends_where_it_starts():
    (edge,) = skeletons.graph(_ring()).edges
    assert edge.nodes == (-1, -1)
    np.testing.assert_array_equal(edge.points[0], edge.points[-1])
    radii = np.linalg.norm(edge.points - 50.0, axis=1)
    np.testing.assert_allclose(radii, 30.0, atol=1.2)


def test_a_ring_with_a_tail_is_a_loop_at_a_node():
    ink = _ring() | _drawn([(80, 50), (96, 50)])
    loops = [
        edge
        for edge in skeletons.graph(ink).edges
        if edge.nodes[0] == edge.nodes[1] >= 0
    ]
    assert len(loops) == 1
    assert loops[0].length > 150.0


def test_a_dot_is_a_short_edge_and_no_ink_is_none():
    dot = np.zeros([SIZE, SIZE], bool)
    dot[40:43, 60:63] = True
    (edge,) = skeletons.graph(dot).edges
    np.testing.assert_allclose(edge.points.mean(0), [61.5, 41.5], atol=1.0)
    assert edge.length < 3.0
    assert skeletons.graph(np.zeros([SIZE, SIZE], bool)).edges == []


def test_ink_at_the_rim_is_read_as_well():
    ink = np.zeros([SIZE, SIZE], bool)
    ink[:, 0] = ink[0, :] = True
    edges = skeletons.graph(ink).edges
    assert sum(edge.length for edge in edges) > 1.8 * SIZE
