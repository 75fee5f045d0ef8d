"""Writes vector drawings to a folder, in several formats."""

import contextlib
import dataclasses
import os
import pathlib
import unicodedata
from collections.abc import Iterable, Sequence
from types import TracebackType

from tfdood.files import atomic
from tfdood.vectors import stroke3
from tfdood.vectors.drawing import VectorDrawing
from tfdood.vectors.pen_strokes import PenStroke

FORMATS = ("svg", "ndjson", "npz", "inkml", "json")
"""SVG, Quick, Draw!, sketch-rnn, InkML, and polygonal lines as JSON."""

_NAME = "drawings"  # Of files that hold all drawings.
_SHARED = ("ndjson", "npz")  # Formats of one file for all drawings.
_MAX_BYTES = 240  # Of a name; file systems allow 255 with the ending.


@dataclasses.dataclass(frozen=True)
class Style:
    """How SVG documents look, see `VectorDrawing.svg`."""

    paper: str = "white"
    colors: bool = False
    animate: bool = False


def different(names: Iterable[str]) -> list[str]:
    """Makes names of files different, and short enough for a file system.

    Args:
        names: of files, without endings; any number of them may be equal.

    Returns:
        The names, at most about 240 bytes each. A name that equals an earlier
        one, in any letter case, ends with the next free number.
    """
    found: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for name in names:
        short = name
        if len(encoded := os.fsencode(name)) > _MAX_BYTES:
            short = encoded[:_MAX_BYTES].decode(errors="ignore")
        number, one = numbers.get(_alike(short), 1), short
        while _alike(one) in found:
            number += 1
            one = f"{short}_{number}"
        numbers[_alike(short)] = number
        found[_alike(one)] = one
    return list(found.values())


def _alike(name: str) -> str:
    """The same for names that are one file on some systems."""
    return unicodedata.normalize("NFC", name).casefold()


def check_new(
    folder: pathlib.Path, names: Sequence[str], formats: Sequence[str]
) -> None:
    """Checks that a `Writer` would replace no file.

    Args:
        folder: of the files.
        names: of the drawings, without endings.
        formats: some of `FORMATS`.

    Raises:
        FileExistsError: If a file exists.
    """
    paths = dict.fromkeys(
        folder / f"{name}.{ending}"
        for ending in formats
        for name in ([_NAME] if ending in _SHARED else names)
    )
    there = [path for path in paths if os.path.lexists(path)]
    if there:
        more = f" (and {len(there) - 1} more)" if there[1:] else ""
        raise FileExistsError(
            f"{there[0]}{more} exists already; use --overwrite to replace it, "
            "or another --out."
        )


class Writer:
    """Writes drawings, each to files of its own, or all to one file.

    `NAME.svg`, `NAME.inkml` and `NAME.json` hold one drawing,
    `drawings.ndjson` and `drawings.npz` all of them. These two are written when
    the writer is closed. If an error closes it before the first drawing, files
    of an earlier writer stay as they are.

    Args:
        folder: of the files; made if it does not exist. Files of the same names
            are replaced.
        formats: some of `FORMATS`.
        style: of SVG documents.

    Raises:
        OSError: If a file cannot be written.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        formats: Sequence[str],
        style: Style = Style(),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._formats, self._style = folder, formats, style
        self._is_empty = True
        self._strokes: list[tuple[PenStroke, ...]] = []
        self._files = contextlib.ExitStack()
        self._lines = None
        if "ndjson" in formats:
            self._lines = self._files.enter_context(
                atomic.replacing(folder / f"{_NAME}.ndjson")
            )

    def write(self, drawing: VectorDrawing, name: str) -> None:
        """Writes a drawing.

        Args:
            drawing: to be written.
            name: of its files, without an ending, another one each time.

        Raises:
            OSError: If a file cannot be written.
        """
        documents = {
            "svg": lambda: drawing.svg(**dataclasses.asdict(self._style)),
            "inkml": drawing.inkml,
            "json": drawing.json,
        }
        for ending in self._formats:
            if ending in documents:
                path = self._folder / f"{name}.{ending}"
                with atomic.replacing(path) as file:
                    file.write(documents[ending]().encode())
        if self._lines is not None:
            self._lines.write(drawing.ndjson(name).encode())
        if "npz" in self._formats:
            self._strokes.append(drawing.strokes)
        self._is_empty = False

    def close(self) -> None:
        """Completes the files of all drawings.

        Raises:
            OSError: If a file cannot be written.
        """
        self._files.close()
        if "npz" in self._formats:
            stroke3.write(self._folder / f"{_NAME}.npz", self._strokes)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_empty:
            self.close()
        else:  # The files of earlier drawings stay.
            error = error or ValueError("No drawing was written.")
            self._files.__exit__(type(error), error, traceback)
