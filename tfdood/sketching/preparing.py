"""Pictures as a model sees them, many at a time."""

import concurrent.futures.process
import functools
import multiprocessing
import os
import pathlib
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfdood.drawing import line_width, squares
from tfdood.drawing.squares import Place
from tfdood.files import pictures

_NO_INK = (
    "it has no ink: nothing stands out from its paper but noise, the lines of "
    "the paper, or edges that lie along its sides. Use a picture with more "
    "contrast, or with more paper around the drawing"
)
_FEW = 32  # Pictures that one process prepares before a second one has started.
_CHUNK = 8
_AHEAD = 256  # Pictures that are prepared while those before are drawn.


class View(NamedTuple):
    """How pictures are shown to what draws them.

    Attributes:
        size: `S`, height and width of the images in pixels.
        margin: around the ink, as in `squares.of_file`.
        line_width: thinner lines are widened, in pixels of the image; 0 for
            lines as they are.
        levels: of ink, at which lines are measured, as in
            `line_width.half_widths`.
        darkens_thin: whether lines that are thinner than a pixel of the image
            are darkened, as by `line_width.darken_thin`.
    """

    size: int
    margin: float | None
    line_width: float = 0.0
    levels: tuple[float, ...] = ()
    darkens_thin: bool = False


class Prepared(NamedTuple):
    """A picture as a model sees it.

    Attributes:
        image: `[S, S, 1]` float32 in [0, 1], white ink on black.
        place: of the image in the picture.
        growth: how much wider lines are than in the picture, in pixels of the
            picture.
        half_widths: `[L, S, S]` of the lines, see `line_width.half_widths`, at
            the levels of the view; None if it has none.
    """

    image: np.ndarray
    place: Place
    growth: float = 0.0
    half_widths: np.ndarray | None = None


def of_square(square: squares.Square, view: View) -> Prepared:
    """Widens the lines of a square and resizes it.

    Args:
        square: of a picture, cropped to the margin of the view.
        view: how the picture is shown.

    Returns:
        The image, its place, and the widths of its lines.
    """
    side = len(square.ink)
    wide = line_width.widen(square.ink, view.line_width * side / view.size)
    image = squares.resized(wide.ink, view.size)
    if view.darkens_thin:
        image = line_width.darken_thin(image, wide.ink)
    growth = wide.growth * square.place.side / side
    half_widths = None
    if view.levels:
        half_widths = line_width.half_widths(wide.ink, view.size, view.levels)
    return Prepared(image[..., np.newaxis], square.place, growth, half_widths)


def listed(paths: Iterable[str | os.PathLike]) -> list[pathlib.Path]:
    """Lists the pictures of files and folders.

    Args:
        paths: of files, and of folders that are searched with all folders in
            them.

    Returns:
        The files in the given order; those of a folder are sorted, have the
        endings of `pictures.SUFFIXES`, and are not hidden. A path comes once.

    Raises:
        FileNotFoundError: If a path does not exist, or a folder has no picture.
    """
    found: dict[pathlib.Path, None] = {}
    for path in map(pathlib.Path, paths):
        if not path.exists():
            raise FileNotFoundError(2, "No such file or folder", str(path))
        files = [path]
        if path.is_dir():
            files = [
                file
                for file in sorted(filter(pictures.is_picture, path.rglob("*")))
                if file.is_file() and not _is_hidden(file.relative_to(path))
            ]
            if not files:
                raise FileNotFoundError(
                    f"{path} has no pictures: expected files that end in "
                    f"{', '.join(sorted(pictures.SUFFIXES))}."
                )
        found.update(dict.fromkeys(files))
    return list(found)


def _is_hidden(path: pathlib.Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def of_files(
    paths: Sequence[pathlib.Path],
    view: View,
    then: Callable[[Prepared], Any] | None = None,
) -> Iterator[Any]:
    """Prepares files, in several processes if they are many.

    Args:
        paths: of pictures.
        view: how they are shown.
        then: a function of a module, which is applied to each prepared picture
            in the same process.

    Yields:
        For each path the prepared picture, or the result of `then`; or the
        reason why there is none, a string that is the rest of a sentence.
    """
    job = functools.partial(_prepared, view=view, then=then)
    if len(paths) <= _FEW:
        yield from map(job, paths)
        return
    # TensorFlow has threads, so that its process must not be forked.
    with concurrent.futures.ProcessPoolExecutor(
        mp_context=multiprocessing.get_context("spawn"),
        # Ctrl-C ends this process, which ends the others.
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    ) as executor:
        try:
            before = iter(())
            for start in range(0, len(paths), _AHEAD):
                some = paths[start : start + _AHEAD]
                following = executor.map(job, some, chunksize=_CHUNK)
                yield from before
                before = following
            yield from before
        except concurrent.futures.process.BrokenProcessPool as error:
            raise OSError(
                "A process that reads pictures was killed, perhaps for lack of "
                "memory; give fewer or smaller pictures at a time."
            ) from error
        finally:  # Who stops early does not wait for pictures to come.
            executor.shutdown(cancel_futures=True)


def of_contents(contents: bytes, view: View) -> Prepared | str:
    """Prepares the contents of a file.

    Args:
        contents: of a picture.
        view: how it is shown.

    Returns:
        The prepared picture; or the reason why there is none, a string that is
        the rest of a sentence.
    """
    try:
        square = squares.of_file(contents, view.margin)
    except ValueError as error:
        return str(error)[0].lower() + str(error)[1:].rstrip(".")
    return of_square(square, view) if square.ink.any() else _NO_INK


def why_unread(error: OSError) -> str:
    """Says why a file cannot be read, as the rest of a sentence."""
    return (error.strerror or str(error)).lower()


def _prepared(
    path: pathlib.Path,
    view: View,
    then: Callable[[Prepared], Any] | None,
) -> Any:
    try:
        contents = path.read_bytes()
    except OSError as error:
        return why_unread(error)
    prepared = of_contents(contents, view)
    if then is None or isinstance(prepared, str):
        return prepared
    return then(prepared)
