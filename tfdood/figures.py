"""Figures of drawings: how they were put together, stroke by stroke.

White ink on black, as the model sees it. Each function takes arrays or tensors
and writes a PNG.
"""

import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from tfdood.drawing import bezier, spatial_transformer
from tfdood.drawings import Drawing

_TILE = 150  # pixels an image is enlarged to, about
_GAP = 6
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
_NUM_CURVE_POINTS = 100


class _Sheet(NamedTuple):
    """A grid of square tiles with a title above each row."""

    tiles: list[list[Image.Image | None]]
    titles: list[str]


def reconstructions(
    images: tf.Tensor, drawing: Drawing, path: str | os.PathLike
) -> np.ndarray:
    """Draws a sheet as the paper's Fig. 1: a column for each drawing.

    The first row is the image, the last its reconstruction; between them is
    the canvas after each stroke, the newest stroke's curve in its own colour,
    until the last stroke that is present.

    Args:
        images: `[B, H, W, 1]` in [0, 1].
        drawing: a `Drawing` with leading dimension `[B]`.
        path: of the PNG to write.

    Returns:
        The figure, uint8 `[height, width, 3]`.
    """
    images = np.asarray(images)
    canvases = np.asarray(drawing.canvases)  # [B, T, H, W, 1]
    is_present = np.asarray(drawing.strokes.presence) > 0.5  # [B, T]
    curves = stroke_curves(drawing)  # [B, T, S, 2]
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


def stroke_curves(drawing: Drawing) -> np.ndarray:
    """Points along each stroke where it lies on the canvas.

    Args:
        drawing: a `Drawing` with leading dimensions `...`.

    Returns:
        `[..., T, S, 2]`, `(x, y)` in the canvas's unit square.
    """
    strokes = drawing.strokes
    affine = spatial_transformer.affine_from_layout(strokes.layout)
    placed = spatial_transformer.transform_points(
        strokes.control_points, affine
    )  # [..., T, K, 2]
    return np.asarray(bezier.curve_points(placed, _NUM_CURVE_POINTS))


def _colour(t: int) -> tuple[int, int, int]:
    return _COLOURS[t % len(_COLOURS)]


def _enlarge(canvas: np.ndarray) -> Image.Image:
    """A canvas `[H, W, 1]` as whole multiples of its pixels."""
    grey = np.round(np.clip(canvas[..., 0], 0.0, 1.0) * 255.0)
    factor = max(1, _TILE // len(grey))
    pixels = grey.astype(np.uint8).repeat(factor, 0).repeat(factor, 1)
    return Image.fromarray(pixels).convert("RGB")


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
    width = len(sheet.tiles[0]) * (tile[0] + _GAP) + _GAP
    figure = Image.new("RGB", (width, sum(heights) + _GAP), _BACKGROUND)
    pen = ImageDraw.Draw(figure)
    top = _GAP
    for tiles, title, height in zip(
        sheet.tiles, sheet.titles, heights, strict=True
    ):
        if title:
            pen.text((_GAP, top), title, fill=_TEXT, font_size=13)
        for column, image in enumerate(tiles):
            if image is not None:
                left = _GAP + column * (tile[0] + _GAP)
                figure.paste(image, (left, top + height - _GAP - tile[1]))
        top += height
    figure.save(path, format="PNG")
    return np.asarray(figure)
