import json
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from tfdood.drawing.squares import Place
from tfdood.vectors import drawing, pen_strokes, svg

_SVG = "{http://www.w3.org/2000/svg}"


def _outputs(presence=((1, 1, 0), (1, 1, 1)), **more):
    shape = np.shape(presence)
    rng = np.random.default_rng(0)
    return {
        "presence": np.float32(presence),
        "control_points": rng.uniform(size=(*shape, 5, 2)).astype(np.float32),
        "blur": rng.uniform(0.01, 0.03, shape),
        "stroke_contrast": rng.uniform(0.3, 0.9, shape),
        "canvas_contrast": rng.uniform(0.3, 0.9, shape[:1]),
        **more,
    }


def test_present_strokes_of_a_row_lie_in_the_place_of_the_square():
    outputs = _outputs()
    place = Place(width=300, height=200, left=-10, top=20, side=150)
    found = drawing.of_outputs(outputs, 0, place)
    assert (found.width, found.height) == (300, 200)
    assert len(found.strokes) == 2
    for number, stroke in enumerate(found.strokes):
        expected = 150 * outputs["control_points"][0, number] + [-10, 20]
        np.testing.assert_allclose(stroke.curves, expected[None], rtol=1e-6)
        pen = (
            outputs["blur"][0, number],
            outputs["stroke_contrast"][0, number],
            outputs["canvas_contrast"][0],
        )
        assert stroke.width == pytest.approx(
            150 * pen_strokes.stroke_width(*pen)
        )
        assert stroke.opacity == pytest.approx(pen_strokes.peak(*pen[1:]))
    assert len(drawing.of_outputs(outputs, 1).strokes) == 3


def test_strokes_become_thinner_but_do_not_vanish():
    curve = np.zeros([1, 4, 2])
    strokes = tuple(pen_strokes.PenStroke(curve, x) for x in (8.0, 3.0))
    found = drawing.VectorDrawing(strokes, 20, 30, 0.5).thinned(2.5)
    assert [one.width for one in found.strokes] == [5.5, 0.75]
    assert (found.width, found.height, found.unexplained) == (20, 30, 0.5)


def test_curves_of_a_chain_are_one_stroke():
    outputs = _outputs(((1, 1, 1, 0),), chain=np.array([[0, 0, 1, 1]]))
    found = drawing.of_outputs(outputs)
    assert [len(stroke.curves) for stroke in found.strokes] == [2, 1]
    points = drawing.UNKNOWN.side * outputs["control_points"][0]
    first, second = found.strokes[0].curves
    np.testing.assert_allclose(first[:-1], points[0, :-1])
    np.testing.assert_allclose(second[1:], points[1, 1:])
    middle = 0.5 * (points[0, -1] + points[1, 0])
    np.testing.assert_allclose([first[-1], second[0]], [middle, middle])


def test_error_is_a_share_of_that_of_a_blank_page():
    image = np.zeros([1, 4, 4, 1])
    image[0, 0] = 1.0
    canvas = np.zeros_like(image)
    canvas[0, 0, :3] = 1.0
    for number in ((1.0, 0.0), (0.25, 1.0)):
        found = drawing.of_outputs(
            _outputs(((1,),), image=image, canvas=canvas * number[1])
        )
        assert found.unexplained == number[0]
    assert drawing.of_outputs(_outputs()).unexplained is None


def test_codes_and_other_answers_are_refused():
    with pytest.raises(ValueError, match="codes that a network paints"):
        drawing.of_outputs(_outputs(code=np.zeros([2, 3, 8])))
    outputs = _outputs()
    del outputs["blur"], outputs["presence"]
    with pytest.raises(ValueError, match="lacks presence, blur"):
        drawing.of_outputs(outputs)


@pytest.mark.parametrize(
    ("paper", "ink"),
    [("white", "black"), ("black", "white"), ("none", "black")],
)
def test_ink_stands_out_from_the_paper(paper, ink):
    found = drawing.of_outputs(_outputs())
    root = ElementTree.fromstring(found.svg(paper))
    inks = {path.get("stroke") for path in root.iter(f"{_SVG}path")}
    assert inks == {ink}
    rest = [rect.get("fill") for rect in root.iter(f"{_SVG}rect")]
    assert rest == ([] if paper == "none" else [paper])
    root = ElementTree.fromstring(found.svg(paper, colors=True))
    inks = [path.get("stroke") for path in root.iter(f"{_SVG}path")]
    assert inks == list(svg.ORDER_COLORS[:2])


def test_an_unknown_paper_is_refused():
    with pytest.raises(ValueError, match="white, black, none, got 'red'"):
        drawing.of_outputs(_outputs()).svg("red")


def test_formats_have_all_strokes():
    found = drawing.of_outputs(_outputs(), 1)
    assert len(json.loads(found.ndjson("cat"))["drawing"]) == 3
    assert len(json.loads(found.json())["strokes"]) == 3
    assert found.inkml().count("<trace ") == 3
    assert len(found.polylines(5.0)) == 3


def test_tensorflow_is_not_imported():
    code = (
        "import sys; from tfdood.vectors import drawing, stroke3; "
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
