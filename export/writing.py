"""Writes vector drawings to a folder, in several formats."""

import contextlib
import dataclasses
import pathlib
from collections.abc import Sequence
from types import TracebackType

from tfdood.files import atomic
from tfdood.vectors import stroke3
from tfdood.vectors.drawing import VectorDrawing
from tfdood.vectors.pen_strokes import PenStroke

FORMATS = ("svg", "ndjson", "npz", "inkml", "json")
"""SVG, Quick, Draw!, sketch-rnn, InkML, and polygonal lines as JSON."""

_NAME = "drawings"  # Of files that hold all drawings.


@dataclasses.dataclass(frozen=True)
class Style:
    """How SVG documents look, see `VectorDrawing.svg`."""

    paper: str = "white"
    colors: bool = False
    animate: bool = False


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
        self._names: set[str] = set()
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
            name: of its files, without an ending; of a name that was used
                before, the next number is added.

        Raises:
            OSError: If a file cannot be written.
        """
        name = self._unused(name)
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
        self._names.add(name)

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
        if self._names:
            self.close()
        else:  # The files of earlier drawings stay.
            error = error or ValueError("No drawing was written.")
            self._files.__exit__(type(error), error, traceback)

    def _unused(self, name: str) -> str:
        number, found = 1, name
        while found in self._names:
            number += 1
            found = f"{name}_{number}"
        return found
