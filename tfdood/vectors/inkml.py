"""InkML, the ink markup language of the W3C (2011)."""

from collections.abc import Sequence
from xml.etree import ElementTree

from tfdood.vectors.pen_strokes import PenStroke

_NAMESPACE = "http://www.w3.org/2003/InkML"
_ID = "{http://www.w3.org/XML/1998/namespace}id"


def write(strokes: Sequence[PenStroke], spacing: float = 1.0) -> str:
    """Writes strokes as an InkML document.

    Args:
        strokes: in their order.
        spacing: the largest distance between points of a stroke, in pixels.

    Returns:
        A document with a `<trace>` for each stroke, in the default format:
        points `x y`, with commas between them, in pixels of the picture. Each
        trace has a `<brush>` of the stroke's width.
    """
    root = ElementTree.Element("ink", xmlns=_NAMESPACE)
    definitions = ElementTree.SubElement(root, "definitions")
    for number, stroke in enumerate(strokes, 1):
        brush = ElementTree.SubElement(
            definitions, "brush", {_ID: f"brush-{number}"}
        )
        ElementTree.SubElement(
            brush,
            "brushProperty",
            name="width",
            value=f"{stroke.width:.6g}",
            units="px",
        )
        trace = ElementTree.SubElement(root, "trace", {_ID: f"stroke-{number}"})
        trace.set("brushRef", f"#brush-{number}")
        trace.text = ", ".join(
            f"{x:.6g} {y:.6g}" for x, y in stroke.points(spacing)
        )
    ElementTree.indent(root)
    text = ElementTree.tostring(root, "unicode", xml_declaration=True)
    return f"{text}\n"
