r"""Draws pictures that people make by the parsers of pictures, side by side.

    python -m benchmarks.subjects --out=docs/own_pictures.png \
        [--picture=docs/cat.png]

The last picture is a photograph of the cat: squared paper, the shadow of a
hand, and the noise of a sensor.
"""

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np
from absl import flags
from PIL import Image, ImageDraw

from tests.drawing import pictures_of_drawings, subjects
from tfdood import console
from tfdood.sketching import draw, drawers
from tfdood.vectors import svg
from tfdood.vectors.drawing import VectorDrawing

_SIDE, _FINER, _GAP = 200, 3, 12
_PARSERS = [name for name in drawers.PARSERS if name != "searched"]


def photograph() -> np.ndarray:
    """A picture of the cat as a telephone takes it, `[S, S]`, uint8."""
    side = pictures_of_drawings.SIDE
    cat = np.asarray(Image.fromarray(subjects.cat()).resize((side, side)))
    squared = pictures_of_drawings.ruled(cat, 205, squared=True)
    lit = pictures_of_drawings.shadow(squared)
    return pictures_of_drawings.noisy(lit, 3.0)


def painted(drawing: VectorDrawing) -> Image.Image:
    """Paints strokes with colours by their order.

    Args:
        drawing: of a square picture.

    Returns:
        An RGB picture of `_SIDE` pixels.
    """
    scale = _FINER * _SIDE / drawing.width
    picture = Image.new("RGB", (_FINER * _SIDE,) * 2, "white")
    paint = ImageDraw.Draw(picture)
    for number, stroke in enumerate(drawing.strokes):
        color = svg.ORDER_COLORS[number % len(svg.ORDER_COLORS)]
        radius = scale * stroke.width / 2.0
        points = scale * stroke.points(0.5)
        paint.line([*map(tuple, points)], color, round(2.0 * radius))
        for x, y in points:
            paint.ellipse(
                (x - radius, y - radius, x + radius, y + radius), color
            )
    return picture.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def sheet(model: str) -> Image.Image:
    """Draws each picture by each parser.

    Args:
        model: of the parsers that need one, as in `drawers.load`.

    Returns:
        A row for each picture, a column for each parser.
    """
    pictures = [make() for make in subjects.ALL.values()] + [photograph()]
    models = {parser: model for parser in _PARSERS} | {"traced": None}
    drawn = {
        parser: [
            painted(draw.draw(one, models[parser], parser)) for one in pictures
        ]
        for parser in _PARSERS
    }
    return columns({"picture": [*map(Image.fromarray, pictures)], **drawn})


def columns(pictures: Mapping[str, Sequence[Image.Image]]) -> Image.Image:
    """Puts pictures side by side.

    Args:
        pictures: those of each column, by its title.
    """
    step, most = _SIDE + _GAP, max(map(len, pictures.values()))
    page = Image.new("RGB", (len(pictures) * step, 20 + most * step), "white")
    text = ImageDraw.Draw(page)
    for column, (title, shown) in enumerate(pictures.items()):
        left = column * step
        text.text((left + 8, 4), title, "black", font_size=14)
        for row, one in enumerate(shown):
            page.paste(one.resize((_SIDE, _SIDE)), (left, 20 + row * step))
    return page


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "out", None, "PNG to write.", flag_values=values, required=True
    )
    flags.DEFINE_string(
        "picture", None, "PNG of the cat to write.", flag_values=values
    )
    flags.DEFINE_string(
        "model",
        drawers.DEFAULT_MODEL,
        "Folder of an exported model, folder of a run, or pretrained:NAME.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Writes the sheet.

    Args:
        options: the values of the flags.
    """
    if options.picture:
        cat = Image.fromarray(subjects.cat())
        cat.save(pathlib.Path(options.picture), optimize=True)
    page = sheet(options.model).quantize(64)
    page.save(pathlib.Path(options.out), optimize=True)


if __name__ == "__main__":
    console.run(define, main)
