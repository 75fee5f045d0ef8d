"""Sheets of drawings as PNGs, such as drawings stroke by stroke.

White ink on black, as models see it.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing.curves import bezier
from tfdood.figures import boxes, overlays, palette
from tfdood.files import atomic
from tfdood.types import Drawing, Strokes

_GAP = 6  # pixels between tiles
_WIDE_GAP = 24
_TITLE_HEIGHT, _TITLE_SIZE = 18, 13
_NUM_CURVE_POINTS = 100
_NUM_COLUMNS = 10
_IS_PRESENT = 0.5
_ORDER = "first blue, then orange, red, turquoise, green, yellow, ..."
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0))


def sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    titles: Sequence[str],
    path: str | os.PathLike,
    num_given: int = 0,
) -> np.ndarray:
    """Draws rows of images, each enlarged to a tile.

    Args:
        rows: of images `[S, S, 1]`, or `[S, S, 3]` for colours, in [0, 1];
            None leaves a place empty. The first row is the longest.
        titles: above each row; an empty one takes no space.
        path: of the PNG to write.
        num_given: the number of columns, from the left, that show what a model
            was given; they are set apart.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    tile, num_columns = overlays.TILE, len(rows[0])
    heights = [
        tile + _GAP + (_TITLE_HEIGHT if title else 0) for title in titles
    ]
    lefts = [
        _GAP
        + column * (tile + _GAP)
        + (_WIDE_GAP if 0 < num_given <= column else 0)
        for column in range(num_columns)
    ]
    size = lefts[-1] + tile + _GAP, sum(heights) + _GAP
    figure = Image.new("RGB", size, palette.BACKGROUND)
    pen = ImageDraw.Draw(figure)
    top = _GAP
    for row, title, height in zip(rows, titles, heights, strict=True):
        pen.text((_GAP, top), title, fill=palette.TEXT, font_size=_TITLE_SIZE)
        for left, image in zip(lefts, row, strict=False):
            if image is not None:
                figure.paste(_tile(image), (left, top + height - _GAP - tile))
        top += height
    with atomic.replacing(path) as file:
        figure.save(file, format="PNG")
    return np.asarray(figure)


def stroke_by_stroke(
    images: np.ndarray,
    canvases: np.ndarray,
    presence: np.ndarray,
    lines: np.ndarray,
    path: str | os.PathLike,
) -> np.ndarray:
    """Draws a sheet as the paper's Fig. 1: a column for each drawing.

    The first row is the image, the last its reconstruction. Between them is
    the canvas after each stroke that is present, with a line in the colour of
    the newest stroke.

    Args:
        images: `[B, S, S, 1]` in [0, 1].
        canvases: `[B, T, S, S, 1]`, after each stroke.
        presence: `[B, T]`, 0 or 1.
        lines: `[B, T, N, 2]`, `(x, y)` in the canvas's unit square, along or
            around each stroke; see `stroke_curves` and `stroke_frames`.
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    images, canvases, lines = map(np.asarray, (images, canvases, lines))
    is_present = np.asarray(presence) > _IS_PRESENT
    num_rows = max(1, int(is_present.sum(-1).max()))
    steps = [
        [
            overlays.overlay(
                canvases[b, t],
                [lines[b, t]],
                [palette.stroke(t)],
                is_dimmed=False,
            )
            if is_present[b, t]
            else None
            for b in range(len(images))
        ]
        for t in range(num_rows)
    ]
    return sheet(
        [list(images), *steps, list(canvases[:, -1])],
        [
            "drawing",
            *(f"stroke {t + 1}" for t in range(num_rows)),
            "reconstruction",
        ],
        path,
    )


def reconstructions(
    images: tf.Tensor, drawing: Any, path: str | os.PathLike
) -> np.ndarray:
    """Draws reconstructions, stroke by stroke where there are strokes.

    Args:
        images: `[B, S, S, 1]`, or `[B, S, S, 3]` for colours, in [0, 1].
        drawing: a `Drawing` with leading dimension `[B]`; where its strokes
            are codes, the frame of the newest stroke is shown. Or a record
            with the attribute `canvas`, of the shape of `images`. If it has
            the attributes `boxes`, `[B, K, 4]` (left, top, right, bottom in
            the unit square), and `presence`, `[B, K]`, the boxes of objects
            that are present are shown.
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    if not isinstance(drawing, Drawing):
        rows = [list(np.asarray(x)) for x in (images, drawing.canvas)]
        titles = ["drawing", "reconstruction"]
        if hasattr(drawing, "boxes"):
            is_present = np.asarray(drawing.presence) > _IS_PRESENT
            outlined = boxes.boxed(
                rows[1], np.asarray(drawing.boxes), is_present
            )
            rows.append(outlined)
            titles.append("boxes of its objects")
        return sheet(rows, titles, path)
    strokes = drawing.strokes
    is_curve = isinstance(strokes, Strokes)
    lines = (
        stroke_curves(strokes) if is_curve else stroke_frames(strokes.layout)
    )
    return stroke_by_stroke(
        images, drawing.canvases, strokes.presence, lines, path
    )


def samples(canvases: tf.Tensor, path: str | os.PathLike) -> np.ndarray:
    """Draws a grid of drawings, about square.

    Args:
        canvases: `[N, S, S, 1]` in [0, 1].
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    canvases = np.asarray(canvases)
    num_columns = int(np.ceil(np.sqrt(len(canvases))))
    rows = [
        canvases[i : i + num_columns]
        for i in range(0, len(canvases), num_columns)
    ]
    titles = ["drawn by the model"] + [""] * (len(rows) - 1)
    return sheet(rows, titles, path)


def stroke_orders(
    images: np.ndarray,
    strokes: Mapping[str, Sequence[Sequence[np.ndarray]]],
    path: str | os.PathLike,
) -> np.ndarray:
    """Draws strokes over drawings, in colours that tell their order.

    Blocks of ten columns: each has the drawings and, below them, a row for each
    set of strokes. A dot is where a stroke starts.

    Args:
        images: `[B, S, S, 1]` in [0, 1].
        strokes: by title, those of each drawing: lines `[N, 2]`, `(x, y)` in
            the unit square.
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    overlaid = [
        [overlays.overlay(*pair) for pair in zip(images, drawings, strict=True)]
        for drawings in strokes.values()
    ]
    starts = range(0, len(images), _NUM_COLUMNS)
    titles = ["drawing", *strokes]
    titles[1:2] = [f"{title}: {_ORDER}" for title in titles[1:2]]
    return sheet(
        [
            row[start : start + _NUM_COLUMNS]
            for start in starts
            for row in (list(images), *overlaid)
        ],
        [*titles, *(["drawing", *strokes] * (len(starts) - 1))],
        path,
    )


def highlighted(canvas: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Colours what is new in a drawing.

    Args:
        canvas: `[..., H, W, 1]` in [0, 1].
        before: `[..., H, W, 1]`, an earlier state of it.

    Returns:
        `[..., H, W, 3]` in [0, 1]: new ink in a colour, the other in white.
    """
    new = np.clip(canvas - before, 0.0, 1.0)
    return canvas - new * (1.0 - palette.rgb(palette.NEW_INK))


def stroke_curves(strokes: Strokes) -> np.ndarray:
    """Points along each stroke where it lies on the canvas.

    Args:
        strokes: `Strokes` with leading dimensions `...`.

    Returns:
        `[..., T, N, 2]`, `(x, y)` in the canvas's unit square.
    """
    placed = canvas_lib.place(strokes.layout, strokes.control_points)
    return np.asarray(bezier.curve_points(placed, _NUM_CURVE_POINTS))


def stroke_frames(layout: tf.Tensor) -> np.ndarray:
    """The outline of each stroke's own unit square on the canvas.

    Args:
        layout: `[..., T, 4]`, see `Strokes`.

    Returns:
        `[..., T, 5, 2]`, `(x, y)` of the corners, the first one twice.
    """
    affine = affine_lib.from_layout(layout)
    corners = tf.broadcast_to(
        tf.constant(_CORNERS), [*affine.shape[:-2], len(_CORNERS), 2]
    )
    return affine_lib.transform_points(corners, affine).numpy()


def _tile(image: np.ndarray) -> Image.Image:
    pixels = np.round(255.0 * overlays.overlay(np.asarray(image)))
    return Image.fromarray(pixels.astype(np.uint8))
