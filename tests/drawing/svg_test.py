import re
from xml.etree import ElementTree

import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import canvas, svg
from tfdood.drawing.curves import bezier
from tfdood.types import Pen, Strokes

_PATH = "{http://www.w3.org/2000/svg}path"


def _drawing(num_strokes=3, num_control_points=5, seed=0):
    rng = np.random.default_rng(seed)
    strokes = Strokes(
        np.ones(num_strokes, np.float32),
        rng.uniform([-0.3, -0.3, 0.4, -1], [0.3, 0.3, 1, 1], (num_strokes, 4)),
        rng.uniform(0.0, 1.0, (num_strokes, num_control_points, 2)),
    )
    pen = Pen(
        rng.uniform(0.01, 0.04, num_strokes),
        rng.uniform(0.1, 0.9, num_strokes),
        np.array(0.5),
    )
    return strokes, pen


def _paths(document):
    return ElementTree.fromstring(document).iter(_PATH)


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


def test_paths_lie_on_the_placed_curves():
    strokes, pen = _drawing()
    placed = canvas.place(strokes.layout, strokes.control_points)
    curves = 300.0 * bezier.curve_points(placed, 201).numpy()
    for path, curve in zip(
        _paths(svg.to_svg(strokes, pen, 300.0)), curves, strict=True
    ):
        numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", path.get("d"))
        knots = np.array(numbers, float).reshape(-1, 2)
        pieces = np.stack(
            [knots[:-1:3], knots[1::3], knots[2::3], knots[3::3]], 1
        )
        error = np.linalg.norm(_dense_points(pieces, 201) - curve, axis=-1)
        assert error.max() < 300.0 * 1.1e-4


def test_only_present_strokes_are_drawn_with_ids_and_colours():
    strokes, pen = _drawing(4)
    strokes = strokes._replace(presence=np.array([1.0, 1.0, 1.0, 0.0]))
    paths = list(_paths(svg.to_svg(strokes, pen, colors=("red", "blue"))))
    ids = [path.get("id") for path in paths]
    assert ids == ["stroke-1", "stroke-2", "stroke-3"]
    colors = [path.get("stroke") for path in paths]
    assert colors == ["red", "blue", "red"]


def test_colours_with_special_characters_give_a_valid_document():
    document = svg.to_svg(*_drawing(), background='"<&')
    root = ElementTree.fromstring(document)
    assert root.get("viewBox") == "0 0 200 200"
    assert root[0].get("fill") == '"<&'


def test_path_has_width_at_half_peak_and_opacity_of_peak():
    # A long horizontal stroke on many pixels: count those above half the peak.
    size = 801
    strokes = Strokes(
        tf.ones([1]),
        tf.constant([[0.0, 0.0, 1.0, 0.0]]),
        tf.constant([[[-1.0, 0.5], [2.0, 0.5]]]),
    )
    for blur, contrast, canvas_contrast in [
        (0.01, 0.1, 0.1),
        (0.03, 0.5, 0.5),
        (0.04, 0.9, 1.5),
    ]:
        pen = Pen(
            tf.constant([blur]),
            tf.constant([contrast]),
            tf.constant(canvas_contrast),
        )
        image = canvas.composite_last(
            canvas.stroke_images(*strokes[1:], *pen[:2], size, 2000),
            strokes.presence,
            pen.canvas_contrast,
        )[:, size // 2, 0]
        measured = np.sum(image > 0.5 * np.max(image)) / size
        width = svg.stroke_width(*pen)[0]
        assert abs(measured - width) < 2.0 / size
        [path] = _paths(svg.to_svg(strokes, pen, 500.0))
        np.testing.assert_allclose(
            float(path.get("stroke-width")), 500.0 * width, rtol=1e-4
        )
        np.testing.assert_allclose(
            float(path.get("stroke-opacity")), np.max(image), rtol=1e-4
        )


def test_rejects_a_batch_of_drawings():
    strokes, pen = _drawing()
    batch = Strokes(*(x[np.newaxis] for x in strokes))
    with pytest.raises(ValueError, match=r"one drawing.*\(1, 3\)"):
        svg.to_svg(batch, pen)
