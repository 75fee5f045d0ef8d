"""Prepares pictures for a model: finds their ink, upright, and crops it."""

import io
import warnings

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from tfdood.drawing import paper
from tfdood.files import pictures

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats that are read, as Pillow names them."""

_READING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
)


def prepare(contents: bytes, margin: float | None = None) -> bytes | None:
    """Makes a picture of the ink alone, white on black.

    Models ignore the EXIF tag in which cameras store the orientation, they take
    clean pictures only, and they refuse large ones.

    Args:
        contents: the bytes of a picture, see `FORMATS`; of several pictures in
            a file, the first one is read.
        margin: the margin of the square to which the ink is cropped, as in
            `paper.crop`; None does not crop.

    Returns:
        The bytes of a PNG with a longer side of at most `paper.LONGEST` pixels
        before it is cropped; None if the picture has no ink.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    ink = paper.ink(_small(contents))
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


def _small(contents: bytes) -> np.ndarray:
    """Decodes a picture, upright, with sides of at most `paper.LONGEST`.

    Returns:
        `[H, W]` or `[H, W, 2 to 4]`, uint8.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(contents), formats=FORMATS)
        is_turned = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1
        picture.draft(None, (paper.LONGEST, paper.LONGEST))
        if is_turned:
            picture = ImageOps.exif_transpose(picture)
        picture = _plain(picture)
        picture.thumbnail((paper.LONGEST, paper.LONGEST), reducing_gap=2.0)
        return np.asarray(picture)
    except _READING_ERRORS as error:
        is_broken = isinstance(error, UnidentifiedImageError)
        reason = (
            "it is not a picture of a known format, or its first bytes are "
            "damaged"
            if is_broken
            else str(error)
        )
        raise ValueError(
            f"The picture cannot be decoded: {reason.rstrip('.')}. Save it "
            "again as a PNG."
        ) from error


def _plain(picture: Image.Image) -> Image.Image:
    """Converts a picture to 8 bits a channel, grey or RGB, perhaps alpha."""
    picture = pictures.eight_bits(picture, pictures.depth(picture))
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    is_grey = picture.mode in ("1", "L", "F")
    return picture.convert("L" if is_grey else "RGB")
