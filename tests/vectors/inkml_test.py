from xml.etree import ElementTree

import numpy as np

from tfdood.vectors import inkml
from tfdood.vectors.pen_strokes import PenStroke

_INK = "{http://www.w3.org/2003/InkML}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"


def test_traces_have_the_points_and_brushes_the_widths():
    curves = np.random.default_rng(0).uniform(0, 100, (2, 1, 4, 2))
    strokes = [PenStroke(curves[0], 2.5), PenStroke(curves[1], 4.0)]
    root = ElementTree.fromstring(inkml.write(strokes, spacing=2.0))
    assert root.tag == f"{_INK}ink"
    # Without a trace format, channels are X and Y; elsewhere it is no child.
    assert {child.tag for child in root} == {
        f"{_INK}definitions",
        f"{_INK}trace",
    }
    brushes = {b.get(_ID): b for b in root.iter(f"{_INK}brush")}
    traces = list(root.iter(f"{_INK}trace"))
    assert [trace.get(_ID) for trace in traces] == ["stroke-1", "stroke-2"]
    for trace, stroke in zip(traces, strokes, strict=True):
        points = [pair.split() for pair in trace.text.split(",")]
        np.testing.assert_allclose(
            np.array(points, float), stroke.points(2.0), rtol=1e-4, atol=1e-4
        )
        brush = brushes[trace.get("brushRef").removeprefix("#")]
        assert float(brush[0].get("value")) == stroke.width


def test_an_empty_drawing_is_a_document():
    root = ElementTree.fromstring(inkml.write([]))
    assert list(root.iter(f"{_INK}trace")) == []
