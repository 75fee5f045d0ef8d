r"""Draws characters by tracing and by search, with the order of their strokes.

    python -m benchmarks.stroke_orders --out=docs/searched.png

The tracer has learned nothing. The search asks a model of how people draw.
"""

import pathlib

import numpy as np
from absl import flags
from PIL import Image, ImageDraw

from benchmarks import subjects
from tfdood import console
from tfdood.sketching import draw, drawers
from tfdood.vectors.drawing import VectorDrawing

_SIDE, _PEN = 400, {"fill": 20, "width": 12}
_CHARACTERS = (
    (((100, 330), (200, 60), (300, 330)), ((140, 230), (260, 230))),
    (((120, 60), (120, 340)), ((290, 60), (125, 210), (300, 340))),
    (((80, 80), (320, 80)), ((200, 80), (200, 340))),
    (
        *(((60, 120), (340, 120)), ((200, 50), (200, 360))),
        *(((200, 125), (90, 300)), ((200, 125), (310, 300))),
    ),
)  # A, K, T and a tree, as lines.


def characters() -> list[np.ndarray]:
    """Pictures `[S, S]`, uint8, of some characters."""
    pictures = []
    for lines in _CHARACTERS:
        picture = Image.new("L", (_SIDE, _SIDE), 250)
        for line in lines:
            ImageDraw.Draw(picture).line(line, joint="curve", **_PEN)
        pictures.append(np.asarray(picture))
    five = Image.new("L", (_SIDE, _SIDE), 250)
    paint = ImageDraw.Draw(five)
    paint.line([(280, 70), (140, 70), (130, 190)], joint="curve", **_PEN)
    paint.arc([110, 160, 300, 340], 200, 500, **_PEN)
    return [*pictures, np.asarray(five)]


def painted(drawing: VectorDrawing) -> Image.Image:
    """Paints strokes with their numbers, and circles where they start.

    Args:
        drawing: of a square picture.

    Returns:
        An RGB picture.
    """
    picture = subjects.painted(drawing)
    scale = picture.width / drawing.width
    paint = ImageDraw.Draw(picture)
    for number, stroke in enumerate(drawing.strokes):
        x, y = scale * stroke.points(1.0)[0]
        paint.ellipse((x - 5, y - 5, x + 5, y + 5), outline="black", width=2)
        paint.text((x + 6, y - 16), f"{number + 1}", "black", font_size=14)
    return picture


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "out", None, "PNG to write.", flag_values=values, required=True
    )
    flags.DEFINE_string(
        "model",
        drawers.SEARCH_MODEL,
        "Model of the search: folder of an exported model, folder of a run, or "
        "pretrained:NAME.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Writes the sheet.

    Args:
        options: the values of the flags.
    """
    pictures = characters()
    shown = {"picture": [*map(Image.fromarray, pictures)]}
    for parser, model in (("traced", None), ("searched", options.model)):
        shown[parser] = [
            painted(draw.draw(one, model, parser)) for one in pictures
        ]
    page = subjects.columns(shown).quantize(32)
    page.save(pathlib.Path(options.out), optimize=True)


if __name__ == "__main__":
    console.run(define, main)
