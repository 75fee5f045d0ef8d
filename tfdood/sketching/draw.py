"""Pictures to vector drawings."""

import functools
import itertools
import os
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

from tfdood.drawing import squares
from tfdood.sketching import drawers, preparing, tracer
from tfdood.sketching.preparing import Prepared, View
from tfdood.sketching.tracer import TracingDrawer
from tfdood.vectors.drawing import VectorDrawing

_BATCH = 64


def draw(
    picture: Any,
    model: str | None = None,
    parser: str | None = None,
    margin: float | None = None,
) -> VectorDrawing:
    """Draws a picture as strokes.

    Args:
        picture: a path, a `PIL.Image`, or an array or tensor of any size, see
            `squares.of_array`.
        model: the folder of an exported model, the folder of a run, or
            `pretrained:NAME`. It stays loaded for further calls.
        parser: what finds the strokes: tracing without a model (`traced`, the
            default if no model is given), the recognition network of the model
            (`amortised`), gradient ascent from there (`refined`, the default
            with a model), the best of both (`best_of`), or a search with a
            model of how people draw (`searched`).
        margin: of paper around the ink, a fraction of the longer side of the
            ink; by default as in the drawings that the model learned from.

    Returns:
        The strokes in pixels of the picture; none if the picture has no ink.

    Raises:
        ValueError: If the picture cannot be decoded, is no picture, or the
            parser or the model does not exist.
        OSError: If a file cannot be read.
    """
    drawer = _loaded(model, parser)
    view = drawer.view
    if margin is not None:
        view = view._replace(margin=margin)
    if isinstance(picture, (str, os.PathLike)):
        contents = pathlib.Path(picture).read_bytes()
        square = squares.of_file(contents, view.margin)
    else:
        square = squares.of_array(picture, view.margin)
    if not square.ink.any():
        return VectorDrawing((), square.place.width, square.place.height, 0.0)
    [found] = drawer.draw([preparing.of_square(square, view)])
    return found


def files(
    paths: Sequence[pathlib.Path],
    drawer: drawers.Drawer,
    view: View,
) -> Iterator[VectorDrawing | str]:
    """Draws the pictures of files.

    Args:
        paths: of the files.
        drawer: draws them.
        view: how they are shown, that of the drawer or with another margin.

    Yields:
        For each file its drawing, or the reason why there is none, as the rest
        of a sentence.

    Raises:
        ValueError: If the strokes of the model are codes, or if the model
            cannot be run.
    """
    if isinstance(drawer, TracingDrawer):
        yield from preparing.of_files(paths, view, tracer.traced)
        return
    prepared = preparing.of_files(paths, view)
    while batch := list(itertools.islice(prepared, _BATCH)):
        yield from of_batch(batch, drawer)


def of_batch(
    batch: Sequence[Prepared | str], drawer: drawers.Drawer
) -> list[VectorDrawing | str]:
    """Draws prepared pictures at once.

    Args:
        batch: prepared pictures, and reasons why there is none.
        drawer: draws them.

    Returns:
        The drawing of each picture, and the reasons in their places.

    Raises:
        ValueError: If the strokes of the model are codes, or if the model
            cannot be run.
    """
    found = [one for one in batch if isinstance(one, Prepared)]
    rows = iter(drawer.draw(found) if found else ())
    return [next(rows) if isinstance(one, Prepared) else one for one in batch]


_loaded = functools.cache(drawers.load)
