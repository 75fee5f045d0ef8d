"""Reconstructs pictures as people take them, on the client's own path.

    python -m benchmarks.pictures --model=pretrained:quickdraw
        [--margin=0.04] [--sheet=pictures.png]

Each kind of picture goes through `export.uploads` into the model. The error is
the mean absolute difference of a pixel between what the model sees and what it
draws; a blank page has the error of drawing nothing. At last, the time to
prepare a photograph of two megapixels is measured, on one core.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import io
import pathlib
import time

import numpy as np
from absl import flags
from PIL import Image, ImageDraw

from benchmarks import timing
from export import clients, uploads
from tests.drawing import pictures_of_drawings
from tfdood import console
from tfdood.saved import cached

_SIDE = 120  # Of a picture on the sheet, in pixels.
_COLUMNS = 6
_TRANSPARENT = (255, 0, 255)  # The colour of transparent paper on the sheet.
_PHOTOGRAPH = (1632, 1224)
_NUM_REPEATS = 9


def encoded(picture: np.ndarray, kind: str = "PNG") -> bytes:
    """Makes a file of a picture.

    Args:
        picture: `[H, W]` or `[H, W, C]`, uint8.
        kind: the format, as Pillow names it.

    Returns:
        The bytes of the file.
    """
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()


def row(client: clients.Client, picture: np.ndarray, margin: float) -> str:
    """Reconstructs a picture.

    Args:
        client: of the model.
        picture: `[H, W]` or `[H, W, C]`, uint8.
        margin: around the ink, a share of its longer side.

    Returns:
        Error, error of a blank page and number of strokes, as cells of a table.
    """
    contents = uploads.prepare(encoded(picture), margin)
    if contents is None:
        return "no ink | no ink | 0"
    outputs = client.predict(
        "reconstruct_bytes", {"image_bytes": np.array([contents], object)}
    )
    image, canvas = outputs["image"], outputs["canvas"]
    error, blank = np.abs(image - canvas).mean(), np.abs(image).mean()
    return f"{error:.3f} | {blank:.3f} | {int(outputs['num_strokes'][0])}"


def sheet(kinds: dict[str, np.ndarray]) -> Image.Image:
    """Shows pictures beside their ink.

    Args:
        kinds: the pictures by their names.

    Returns:
        A contact sheet.
    """
    width, height = 2 * _SIDE + 8, _SIDE + 22
    rows = -(-len(kinds) // _COLUMNS)
    page = Image.new("RGB", (_COLUMNS * width, rows * height), (60, 80, 140))
    draw = ImageDraw.Draw(page)
    for i, (name, picture) in enumerate(kinds.items()):
        left, top = i % _COLUMNS * width, i // _COLUMNS * height
        opened = Image.fromarray(picture).convert("RGBA")
        shown = Image.new("RGB", opened.size, _TRANSPARENT)
        shown.paste(opened, (0, 0), opened)
        contents = uploads.prepare(encoded(picture))
        ink = Image.new("L", opened.size)
        if contents is not None:
            ink = Image.open(io.BytesIO(contents))
        draw.text((left + 2, top + 2), name)
        page.paste(shown.resize((_SIDE, _SIDE)), (left, top + 16))
        page.paste(ink.resize((_SIDE, _SIDE)), (left + _SIDE + 2, top + 16))
    return page


def milliseconds() -> float:
    """Measures how long a JPEG of two megapixels takes to prepare.

    Returns:
        The median of the processor time, in milliseconds.
    """
    small = pictures_of_drawings.shadow(pictures_of_drawings.ring(255, 40))
    large = Image.fromarray(small).resize(_PHOTOGRAPH).convert("RGB")
    noisy = pictures_of_drawings.noisy(np.asarray(large), 4.0)
    contents = encoded(noisy, "JPEG")
    return 1e3 * timing.median(
        lambda: uploads.prepare(contents),
        _NUM_REPEATS,
        clock=time.process_time,
    )


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "model",
        "pretrained:quickdraw",
        "Folder of an exported model, folder of a run, or pretrained:NAME.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "margin",
        0.04,
        "Margin around the ink, a share of its longer side.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    flags.DEFINE_string(
        "sheet",
        None,
        "PNG file to write, with all pictures beside their ink.",
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Prints a table of kinds, and the time for a photograph.

    Args:
        options: the values of the flags.
    """
    kinds = pictures_of_drawings.kinds() | pictures_of_drawings.empty()
    if options.sheet:
        sheet(kinds).save(pathlib.Path(options.sheet), "PNG")
    print("| kind | error | error of a blank page | strokes |")
    print("| --- | --- | --- | --- |")
    with clients.LocalClient(cached.folder(options.model)) as client:
        for name, picture in kinds.items():
            print(f"| {name} | {row(client, picture, options.margin)} |")
    print(f"\nA photograph of 2 megapixels takes {milliseconds():.0f} ms.")


if __name__ == "__main__":
    console.run(define, main)
