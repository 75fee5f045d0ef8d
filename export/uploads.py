"""Prepares pictures for a server: finds their ink, upright, and crops it."""

import io

import numpy as np
from PIL import Image

from tfdood.drawing import squares


def prepare(contents: bytes, margin: float | None = None) -> bytes | None:
    """Makes a picture of the ink alone, white on black.

    Models ignore the EXIF tag in which cameras store the orientation, they take
    clean pictures only, and they refuse large ones.

    Args:
        contents: the bytes of a picture, as in `pictures.decode`.
        margin: around the ink, as in `squares.of_file`; None does not crop.

    Returns:
        The bytes of a square PNG; None if the picture has no ink.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    square = squares.of_file(contents, margin)
    return png(square.ink) if square.ink.any() else None


def png(ink: np.ndarray) -> bytes:
    """Makes a picture for the signature `reconstruct_bytes`.

    Args:
        ink: `[H, W]`, from 0 to 1.

    Returns:
        The bytes of a PNG.
    """
    sides = ink[0], ink[-1], ink[:, 0], ink[:, -1]
    if np.median(np.concatenate(sides)) > 0.0:
        ink = np.pad(ink, 1)  # A model takes what lies at the border for paper.
    buffer = io.BytesIO()
    Image.fromarray(np.round(255.0 * ink).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
