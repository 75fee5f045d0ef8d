"""Figures of drawings: how they were put together, stroke by stroke.

White ink on black, as the model sees it. From arrays or tensors to pictures,
and to PNGs.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from tfdood.drawing import affine as affine_lib
from tfdood.drawing.curves import bezier
from tfdood.types import Drawing

_TILE = 150  # pixels an image is enlarged to, about
_GAP = 6
_WIDE_GAP = 24
_TITLE_HEIGHT = 18
_BACKGROUND = (48, 48, 56)
_TEXT = (235, 235, 235)
_COLOURS = (
    (255, 107, 107),
    (255, 190, 60),
    (120, 220, 100),
    (70, 200, 235),
    (130, 150, 255),
    (240, 120, 230),
)
_NEW_INK = _COLOURS[1]
_NUM_CURVE_POINTS = 100
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0))


class _Sheet(NamedTuple):
    """Rows of square tiles, with a title above each row unless it is empty.

    The first `num_given` columns stand a little apart.
    """

    tiles: list[list[Image.Image | None]]
    titles: list[str]
    num_given: int = 0


def reconstructions(
    images: tf.Tensor,
    drawing: Drawing,
    path: str | os.PathLike,
    has_curves: bool = True,
) -> np.ndarray:
    """Draws a sheet as the paper's Fig. 1: a column for each drawing.

    The first row is the image, the last its reconstruction; between them is
    the canvas after each stroke, the newest stroke's curve in its own colour,
    until the last stroke that is present.

    Args:
        images: `[B, H, W, 1]` in [0, 1].
        drawing: a `Drawing` with leading dimension `[B]`.
        path: of the PNG to write.
        has_curves: whether strokes are curves; where they are codes, the
            newest stroke's frame is shown.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    images = np.asarray(images)
    canvases = np.asarray(drawing.canvases)  # [B, T, H, W, 1]
    is_present = np.asarray(drawing.strokes.presence) > 0.5  # [B, T]
    lines = stroke_curves if has_curves else stroke_frames
    curves = lines(drawing)  # [B, T, S, 2]
    num_rows = max(1, int(is_present.sum(-1).max()))
    rows = [[_enlarge(image) for image in images]]
    for t in range(num_rows):
        rows.append(
            [
                _with_curve(canvases[b, t], curves[b, t], _colour(t))
                if is_present[b, t]
                else None
                for b in range(len(images))
            ]
        )
    rows.append([_enlarge(canvas) for canvas in canvases[:, -1]])
    titles = ["drawing", *(f"stroke {t + 1}" for t in range(num_rows))]
    return _write(_Sheet(rows, [*titles, "reconstruction"]), path)


def samples(
    drawing: Drawing, path: str | os.PathLike, title: str = "drawn by the model"
) -> np.ndarray:
    """Draws a grid of drawings, about square.

    Args:
        drawing: a `Drawing` with leading dimension `[N]`.
        path: of the PNG to write.
        title: written above the grid.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    canvases = np.asarray(drawing.canvases)[:, -1]  # [N, H, W, 1]
    tiles = [_enlarge(canvas) for canvas in canvases]
    num_columns = int(np.ceil(np.sqrt(len(tiles))))
    rows = [
        tiles[i : i + num_columns] for i in range(0, len(tiles), num_columns)
    ]
    titles = [title] + [""] * (len(rows) - 1)
    return _write(_Sheet(rows, titles), path)


def sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    titles: Sequence[str],
    path: str | os.PathLike,
    num_given: int = 0,
) -> np.ndarray:
    """Draws rows of images.

    Args:
        rows: of images `[H, W, 1]`, or `[H, W, 3]` for colours, in [0, 1], all
            of one size; None leaves a place empty. The first row is the
            longest, and starts with an image.
        titles: above each row; an empty one takes no space.
        path: of the PNG to write.
        num_given: columns, of what a model was given, to set apart.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    tiles = [
        [
            None if image is None else _enlarge(np.asarray(image))
            for image in row
        ]
        for row in rows
    ]
    return _write(_Sheet(tiles, list(titles), num_given), path)


def highlighted(canvas: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Colours what is new in a drawing.

    Args:
        canvas: `[..., H, W, 1]` in [0, 1].
        before: `[..., H, W, 1]`, an earlier state of it.

    Returns:
        `[..., H, W, 3]` in [0, 1]: new ink in a colour, the other in white.
    """
    new = np.clip(canvas - before, 0.0, 1.0)
    return canvas - new * (1.0 - np.asarray(_NEW_INK) / 255.0)


def stroke_curves(drawing: Drawing) -> np.ndarray:
    """Points along each stroke where it lies on the canvas.

    Args:
        drawing: a `Drawing` with leading dimensions `...`.

    Returns:
        `[..., T, S, 2]`, `(x, y)` in the canvas's unit square.
    """
    strokes = drawing.strokes
    affine = affine_lib.from_layout(strokes.layout)
    placed = affine_lib.transform_points(
        strokes.control_points, affine
    )  # [..., T, K, 2]
    return np.asarray(bezier.curve_points(placed, _NUM_CURVE_POINTS))


def stroke_frames(drawing: Drawing) -> np.ndarray:
    """The outline of each stroke's own unit square on the canvas.

    Args:
        drawing: a `Drawing` with leading dimensions `...`.

    Returns:
        `[..., T, 5, 2]`, `(x, y)` of the corners, the first one twice.
    """
    affine = affine_lib.from_layout(drawing.strokes.layout)
    corners = tf.broadcast_to(
        tf.constant(_CORNERS), [*affine.shape[:-2], len(_CORNERS), 2]
    )
    return affine_lib.transform_points(corners, affine).numpy()


def _colour(t: int) -> tuple[int, int, int]:
    return _COLOURS[t % len(_COLOURS)]


def _enlarge(canvas: np.ndarray) -> Image.Image:
    """A canvas `[H, W, 1 or 3]` as whole multiples of its pixels."""
    pixels = np.round(np.clip(canvas, 0.0, 1.0) * 255.0).astype(np.uint8)
    factor = max(1, _TILE // len(pixels))
    pixels = pixels.repeat(factor, 0).repeat(factor, 1)
    return Image.fromarray(np.broadcast_to(pixels, [*pixels.shape[:2], 3]))


def _with_curve(canvas, curve, colour) -> Image.Image:
    """A canvas with a curve over it and a dot where the curve starts."""
    tile = _enlarge(canvas)
    pen = ImageDraw.Draw(tile)
    points = [tuple(point) for point in (curve * tile.width).tolist()]
    pen.line(points, fill=colour, width=2, joint="curve")
    pen.circle(points[0], 3, fill=colour)
    return tile


def _write(sheet: _Sheet, path: str | os.PathLike) -> np.ndarray:
    tile = sheet.tiles[0][0].size
    heights = [
        tile[1] + _GAP + (_TITLE_HEIGHT if title else 0)
        for title in sheet.titles
    ]
    lefts = [
        _GAP
        + column * (tile[0] + _GAP)
        + (_WIDE_GAP if 0 < sheet.num_given <= column else 0)
        for column in range(len(sheet.tiles[0]))
    ]
    size = (lefts[-1] + tile[0] + _GAP, sum(heights) + _GAP)
    figure = Image.new("RGB", size, _BACKGROUND)
    pen = ImageDraw.Draw(figure)
    top = _GAP
    for tiles, title, height in zip(
        sheet.tiles, sheet.titles, heights, strict=True
    ):
        if title:
            pen.text((_GAP, top), title, fill=_TEXT, font_size=13)
        for left, image in zip(lefts, tiles, strict=False):
            if image is not None:
                figure.paste(image, (left, top + height - _GAP - tile[1]))
        top += height
    figure.save(path, format="PNG")
    return np.asarray(figure)
