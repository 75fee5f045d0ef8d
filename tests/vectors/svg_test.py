import re
from xml.etree import ElementTree

import numpy as np
import pytest
import svgpathtools

from tfdood.drawing.curves import bezier
from tfdood.vectors import svg
from tfdood.vectors.pen_strokes import PenStroke

_PATH = "{http://www.w3.org/2000/svg}path"


def _stroke(seed=0, num_curves=1, num_control_points=5):
    rng = np.random.default_rng(seed)
    curves = rng.uniform(0, 100, (num_curves, num_control_points, 2))
    return PenStroke(curves, 3.0, 0.75)


def _paths(document):
    return list(ElementTree.fromstring(document).iter(_PATH))


def _dense_points(pieces, num_points):
    """Points of pieces `[n, 4, 2]` at evenly spaced times of the curve."""
    t = np.linspace(0.0, 1.0, num_points) * len(pieces)
    piece = np.minimum(t.astype(int), len(pieces) - 1)
    t = (t - piece)[:, np.newaxis]
    a, b, c, d = np.moveaxis(pieces[piece], 1, 0)
    s = 1.0 - t
    return s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d


@pytest.mark.parametrize("num_control_points", [2, 3, 4])
def test_one_cubic_is_exact_up_to_degree_three(num_control_points):
    points = np.random.default_rng(0).normal(size=(num_control_points, 2))
    pieces = svg.piecewise_cubic(points)
    assert pieces.shape == (1, 4, 2)
    np.testing.assert_allclose(
        _dense_points(pieces, 101), bezier.curve_points(points, 101), atol=1e-12
    )


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("num_control_points", [5, 6, 9])
def test_cubics_stay_within_the_tolerance(num_control_points, tolerance):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        points = rng.uniform(size=(num_control_points, 2))
        pieces = svg.piecewise_cubic(points, tolerance)
        exact = bezier.curve_points(points, 1001).numpy()
        error = np.linalg.norm(_dense_points(pieces, 1001) - exact, axis=-1)
        assert error.max() <= tolerance


def test_error_of_a_quartic_reaches_the_bound_in_the_middle():
    # The error of a quartic at time t is bound * 16 t^2 (1 - t)^2.
    points = np.array([[0, 0], [0, 0], [1, 1], [0, 0], [0, 0]]) * 0.01
    pieces = svg.piecewise_cubic(points, 1.0)
    assert len(pieces) == 1
    exact = bezier.curve_points(points, 3).numpy()[1]
    error = np.linalg.norm(_dense_points(pieces, 3)[1] - exact)
    fourth_difference = np.linalg.norm(np.diff(points, 4, axis=0))
    np.testing.assert_allclose(error, 24 / 384 * fourth_difference)


def test_pieces_join_smoothly():
    points = np.random.default_rng(0).uniform(size=(5, 2))
    pieces = svg.piecewise_cubic(points, 1e-5)
    assert len(pieces) > 3
    np.testing.assert_allclose(pieces[:-1, 3], pieces[1:, 0])
    np.testing.assert_allclose(
        pieces[:-1, 3] - pieces[:-1, 2], pieces[1:, 1] - pieces[1:, 0]
    )


def _points(path):
    """Points of an SVG path, as a well-known reader takes it."""
    read = svgpathtools.parse_path(path.get("d"))
    points = [
        piece.point(t) for piece in read for t in np.linspace(0.0, 1.0, 101)
    ]
    return np.array([[point.real, point.imag] for point in points])


@pytest.mark.parametrize("num_control_points", [2, 4, 5, 7])
def test_paths_lie_on_the_curves(num_control_points):
    stroke = _stroke(num_control_points=num_control_points)
    [path] = _paths(svg.write([stroke], 100, 100))
    curve = bezier.curve_points(stroke.curves[0], 2001).numpy()
    gaps = np.linalg.norm(_points(path)[:, np.newaxis] - curve, axis=-1)
    assert gaps.min(1).max() < 0.2
    assert gaps.min(0).max() < 1.0


def test_a_chain_is_one_path_through_all_its_curves():
    curves = np.random.default_rng(1).uniform(0, 100, (3, 4, 2))
    curves[1, 0] = curves[0, -1]
    [path] = _paths(svg.write([PenStroke(curves, 2.0)], 100, 100))
    read = svgpathtools.parse_path(path.get("d"))
    kinds = [type(piece).__name__ for piece in read]
    # The third curve starts elsewhere: the pen goes straight to it.
    assert kinds == ["CubicBezier", "CubicBezier", "Line", "CubicBezier"]
    assert read.iscontinuous()
    np.testing.assert_allclose(
        [read[-1].end.real, read[-1].end.imag], curves[-1, -1], rtol=1e-5
    )


def test_document_has_size_paper_ids_colours_width_and_opacity():
    strokes = [_stroke(seed) for seed in range(3)]
    document = svg.write(strokes, 640, 480, ("red", "blue"), "beige")
    root = ElementTree.fromstring(document)
    assert root.get("viewBox") == "0 0 640 480"
    assert (root.get("width"), root.get("height")) == ("640", "480")
    assert root[0].get("fill") == "beige"
    paths = _paths(document)
    ids = [path.get("id") for path in paths]
    assert ids == ["stroke-1", "stroke-2", "stroke-3"]
    assert [path.get("stroke") for path in paths] == ["red", "blue", "red"]
    assert {path.get("stroke-width") for path in paths} == {"3"}
    assert {path.get("stroke-opacity") for path in paths} == {"0.75"}


def test_no_paper_is_transparent():
    assert "<rect" not in svg.write([_stroke()], 10, 10, paper="none")


def test_colours_with_special_characters_give_a_valid_document():
    document = svg.write([_stroke()], 10, 10, paper='"<&')
    assert ElementTree.fromstring(document)[0].get("fill") == '"<&'


def test_strokes_are_animated_one_after_the_other():
    line = np.array([[[0.0, 50.0], [50.0, 50.0]]])
    dot = np.array([[[5.0, 5.0], [5.0, 5.0]]])
    strokes = [PenStroke(line, 1.0), PenStroke(dot, 1.0), PenStroke(line, 1.0)]
    document = svg.write(strokes, 100, 50, animate=True)
    assert "<script" not in document
    times = [
        [float(x) for x in re.findall(r"([\d.]+)s", path.get("style"))]
        for path in _paths(document)
    ]
    # Half of the longer side takes half a second, a dot the shortest time.
    np.testing.assert_allclose(times, [[0, 0.5], [0.5, 0.15], [0.65, 0.5]])
    assert {path.get("pathLength") for path in _paths(document)} == {"1"}
    assert "animation" not in svg.write(strokes, 100, 50)
    # The style changes no other paths of a page that holds the document.
    style = document.partition("<style>")[2].partition("</style>")[0]
    assert "tfdood-draw" in style and "path" in style
    # Long drawings have distinct starts, too.
    document = svg.write([PenStroke(line, 1.0)] * 300, 100, 50, animate=True)
    starts = re.findall(r"animation-delay:([\d.]+)s", document)
    np.testing.assert_allclose([float(x) for x in starts], np.arange(300) / 2)
    assert style.count("path") == style.count(".tfdood-animated path")
