"""Pen strokes of Omniglot joined with the images of the same drawings."""

import pathlib

from tfdood.data.importers import (
    drawer_images,
    pen_stroke_archives,
    pen_stroke_npz,
)
from tfdood.data.pen_strokes import IMAGE_SIZE, PenDrawing


def read(folder: pathlib.Path) -> list[PenDrawing] | None:
    """Reads the pen strokes from a folder of local files.

    Args:
        folder: of the files of `pen_stroke_npz` or of `pen_stroke_archives`,
            and of those of `drawer_images`.

    Returns:
        The drawings; if files repeat a drawing, only its last copy. `None` if
        there are no pen strokes.

    Raises:
        ValueError: If a file is damaged, or if a drawing has no image.
        FileNotFoundError: If there are pen strokes, but no images.
    """
    found = pen_stroke_npz.read(folder) or pen_stroke_archives.read(folder)
    if found is None:
        return None
    images = drawer_images.read(folder)
    by_key = {(row.class_id, row.drawer): row for row in found}
    missing = by_key.keys() - images.keys()
    if missing:
        class_id, drawer = min(missing)
        raise ValueError(
            f"{len(missing):,} of {len(by_key):,} drawings with pen strokes "
            f"have no image in {folder}, such as character {class_id} by "
            f"drawer {drawer}; add the images of all background characters."
        )
    return [
        PenDrawing(
            [stroke / IMAGE_SIZE for stroke in row.strokes],
            row.class_id,
            row.drawer,
            row.exact,
            images[key],
        )
        for key, row in by_key.items()
    ]
