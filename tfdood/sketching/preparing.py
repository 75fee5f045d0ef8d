"""Pictures as a model sees them, many at a time."""

import concurrent.futures
import functools
import multiprocessing
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfdood.drawing import squares
from tfdood.drawing.squares import Place
from tfdood.files import pictures

_NO_INK = (
    "it has no ink: nothing stands out from its paper but noise, the lines of "
    "the paper, or edges that lie along its sides. Use a picture with more "
    "contrast, or with more paper around the drawing"
)
_FEW = 32  # Pictures that one process prepares before a second one has started.
_CHUNK = 8


class Prepared(NamedTuple):
    """A picture as a model sees it.

    Attributes:
        image: `[S, S, 1]` float32 in [0, 1], white ink on black.
        place: of the image in the picture.
    """

    image: np.ndarray
    place: Place


def of_square(square: squares.Square, size: int) -> Prepared:
    """Resizes a square.

    Args:
        square: of a picture.
        size: `S`, height and width of the image in pixels.

    Returns:
        The image and its place.
    """
    image = squares.resized(square.ink, size)
    return Prepared(image[..., np.newaxis], square.place)


def listed(paths: Iterable[str | os.PathLike]) -> list[pathlib.Path]:
    """Lists the pictures of files and folders.

    Args:
        paths: of files, and of folders that are searched with all folders in
            them.

    Returns:
        The files in the given order; those of a folder are sorted, and have
        the endings of `pictures.SUFFIXES`. A file comes once.

    Raises:
        FileNotFoundError: If a path does not exist, or a folder has no picture.
    """
    found: dict[pathlib.Path, None] = {}
    for path in map(pathlib.Path, paths):
        if not path.exists():
            raise FileNotFoundError(2, "No such file or folder", str(path))
        files = [path]
        if path.is_dir():
            files = sorted(filter(pictures.is_picture, path.rglob("*")))
            if not files:
                raise FileNotFoundError(
                    f"{path} has no pictures: expected files that end in "
                    f"{', '.join(sorted(pictures.SUFFIXES))}."
                )
        found.update(dict.fromkeys(files))
    return list(found)


def of_files(
    paths: Sequence[pathlib.Path],
    size: int,
    margin: float | None,
    then: Callable[[Prepared], Any] | None = None,
) -> Iterator[Any]:
    """Prepares files, in several processes if they are many.

    Args:
        paths: of pictures.
        size: `S`, height and width of the images in pixels.
        margin: around the ink, as in `squares.of_file`.
        then: a function of a module, which is applied to each prepared picture
            in the same process.

    Yields:
        For each path the prepared picture, or the result of `then`; or the
        reason why there is none, a string that is the rest of a sentence.
    """
    job = functools.partial(_prepared, size=size, margin=margin, then=then)
    if len(paths) <= _FEW:
        yield from map(job, paths)
        return
    # TensorFlow has threads, so that its process must not be forked.
    with concurrent.futures.ProcessPoolExecutor(
        mp_context=multiprocessing.get_context("spawn")
    ) as executor:
        yield from executor.map(job, paths, chunksize=_CHUNK)


def _prepared(
    path: pathlib.Path,
    size: int,
    margin: float | None,
    then: Callable[[Prepared], Any] | None,
) -> Any:
    try:
        square = squares.of_file(path.read_bytes(), margin)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    except ValueError as error:
        return str(error)[0].lower() + str(error)[1:].rstrip(".")
    if not square.ink.any():
        return _NO_INK
    prepared = of_square(square, size)
    return prepared if then is None else then(prepared)
