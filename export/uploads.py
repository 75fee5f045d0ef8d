"""Prepares pictures for a model: finds their ink, upright, and crops it."""

import io

import numpy as np
from PIL import Image

from tfdood.drawing import paper
from tfdood.files import pictures


def prepare(contents: bytes, margin: float | None = None) -> bytes | None:
    """Makes a picture of the ink alone, white on black.

    Models ignore the EXIF tag in which cameras store the orientation, they take
    clean pictures only, and they refuse large ones.

    Args:
        contents: the bytes of a picture, as in `pictures.decode`.
        margin: the margin of the square to which the ink is cropped, as in
            `paper.crop`; None does not crop.

    Returns:
        The bytes of a PNG with a longer side of at most `paper.LONGEST` pixels
        before it is cropped; None if the picture has no ink.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    ink = paper.ink(pictures.decode(contents, paper.LONGEST))
    if not ink.any():
        return None
    if margin is not None:
        ink = paper.crop(ink, margin)
    sides = ink[0], ink[-1], ink[:, 0], ink[:, -1]
    if np.median(np.concatenate(sides)) > 0.0:
        ink = np.pad(ink, 1)  # A model takes what lies at the border for paper.
    buffer = io.BytesIO()
    Image.fromarray(np.round(255.0 * ink).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
