"""Tests of the walks along the lines of a drawing."""

import numpy as np

from tfdood.drawing import skeletons, tracing, walks
from tfdood.drawing.curves import polylines

SIZE = 105


def drawn(*lines):
    """An image with straight lines, 3 pixels wide, between given pixels."""
    image = np.zeros((SIZE, SIZE))
    for start, end in lines:
        points = np.linspace(start, end, 300).round().astype(int)
        for x, y in points:
            image[y - 1 : y + 2, x - 1 : x + 2] = 1.0
    return image


CROSS = drawn(((20, 50), (80, 50)), ((50, 20), (50, 80)))
TEE = drawn(((20, 30), (80, 30)), ((50, 30), (50, 80)))


def found(image, seed=0, **rules):
    graph = tracing.clean_skeleton(image)
    return walks.walks(graph, seed, walks.Rules(**rules))


def lengths(strokes):
    return sorted(round(polylines.lengths(x)[-1] * SIZE) for x in strokes)


def test_a_line_has_one_walk():
    (strokes,) = found(drawn(((20, 20), (80, 60))))
    (stroke,) = strokes
    ends = stroke[[0, -1]][np.argsort(stroke[[0, -1], 0])] * SIZE
    np.testing.assert_allclose(ends, [[20, 20], [80, 60]], atol=4.0)


def test_an_empty_image_has_one_empty_walk():
    assert found(np.zeros((SIZE, SIZE))) == [[]]


def test_a_dot_is_a_stroke_of_one_point():
    (strokes,) = found(drawn(((40, 60), (40, 60))))
    np.testing.assert_allclose(strokes[0] * SIZE, [[40.5, 60.5]], atol=1.0)


def test_a_ring_is_drawn_once_and_starts_at_its_top():
    y, x = np.mgrid[:SIZE, :SIZE]
    radius = np.hypot(x - 52, y - 52)
    (strokes,) = found((abs(radius - 30) < 2).astype(float))
    (stroke,) = strokes
    np.testing.assert_allclose(stroke[0], stroke[-1])
    assert stroke[0, 1] == stroke[:, 1].min()


def test_greedy_walks_go_straight_on():
    (strokes,) = found(CROSS, num_random=0)
    assert len(strokes) == 2
    assert min(lengths(strokes)) > 50


def test_the_three_ways_to_draw_a_tee_without_repeats_are_found():
    ways = {
        tuple(lengths(strokes))
        for strokes in found(TEE)
        if sum(lengths(strokes)) < 120
    }
    counts = sorted(len(way) for way in ways)
    assert counts[0] == 2
    assert counts[-1] == 3


def test_all_walks_draw_all_lines():
    graph = tracing.clean_skeleton(CROSS)
    corners = np.concatenate([edge.points for edge in graph.edges])
    for strokes in walks.walks(graph, 0):
        points = np.concatenate(strokes)
        away = np.linalg.norm(corners[:, None] - points, axis=-1).min(1)
        assert away.max() < 1e-9


def test_walks_differ_from_each_other():
    every = found(CROSS)
    keys = {
        frozenset(
            min(x.tobytes(), x[::-1].tobytes())
            for x in map(np.ascontiguousarray, strokes)
        )
        for strokes in every
    }
    assert len(keys) == len(every) > 3


def _pairs(stroke):
    parts = zip(stroke[:-1], stroke[1:], strict=True)
    return [part for part in parts if not np.array_equal(*part)]


def test_no_stroke_ends_with_a_line_that_another_drew_before():
    edges = [
        skeletons.Edge(np.array([[0.1, 0.5], [0.5, 0.5]]), (-1, 0)),
        skeletons.Edge(np.array([[0.5, 0.5], [0.9, 0.5]]), (0, -1)),
        skeletons.Edge(np.array([[0.5, 0.5], [0.5, 0.9]]), (0, -1)),
    ]
    graph = skeletons.Graph(edges, 0.01)
    for strokes in walks.walks(graph, 0, walks.Rules(again=0.0)):
        drawn_before = set()
        for stroke in strokes:
            parts = [frozenset(map(tuple, part)) for part in _pairs(stroke)]
            assert parts[-1] not in drawn_before
            drawn_before |= set(parts)


def test_random_walks_of_many_strokes_are_left_out():
    combs = [((x, 20), (x, 80)) for x in range(10, 100, 10)]
    every = found(drawn(*combs), num_greedy=0, most_strokes=8)
    assert every == []
    assert len(found(drawn(*combs), most_strokes=9)[0]) == 9


def test_the_seed_decides():
    one, same, other = (
        [[x.tolist() for x in s] for s in found(TEE, seed, num_random=5)]
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
