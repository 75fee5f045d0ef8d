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
from tfdood.sketching.searcher import SearchingDrawer
from tfdood.sketching.tracer import TracingDrawer
from tfdood.vectors.drawing import VectorDrawing

_BATCH = 64  # Of drawers that draw many pictures at once.


def draw(
    picture: Any,
    model: str | os.PathLike | None = None,
    parser: str | None = None,
    margin: float | None = None,
) -> VectorDrawing:
    """Draws a picture as strokes, see `tfdood.draw`."""
    drawer = _loaded(None if model is None else os.fspath(model), parser)
    view = drawer.view
    if margin is not None:
        if not 0.0 <= margin <= 1.0:
            raise ValueError(f"A margin is in [0, 1], got {margin}.")
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
    size = 1 if isinstance(drawer, SearchingDrawer) else _BATCH
    while batch := list(itertools.islice(prepared, size)):
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
