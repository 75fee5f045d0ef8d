"""Prepares pictures for a model: rotates, shrinks and crops them."""

import io
import warnings

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from tfdood import paper
from tfdood.files import pictures

_LONGEST = 4_096  # Longest side of a picture that is sent, in pixels.
_FAINTEST = 1.5 / 255.0  # Less is not ink.
_READING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
)


def prepare(contents: bytes, margin: float | None = None) -> bytes:
    """Rotates, shrinks and crops a picture if necessary.

    Models ignore the EXIF tag in which cameras store the orientation, and they
    refuse pictures of more than 16 megapixels.

    Args:
        contents: the bytes of a PNG or JPEG.
        margin: the margin of the square to which the picture is cropped, as in
            `crop`; None does not crop.

    Returns:
        The bytes of a PNG; the same contents if the picture needs no change.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(contents))
        is_upright = picture.getexif().get(ExifTags.Base.Orientation, 1) == 1
        is_small = max(picture.size) <= _LONGEST
        if is_upright and is_small and margin is None:
            return contents
        picture = _shrunk(ImageOps.exif_transpose(picture))
    except _READING_ERRORS as error:
        is_broken = isinstance(error, UnidentifiedImageError)
        reason = (
            "it is not a picture, or its first bytes are damaged"
            if is_broken
            else str(error)
        )
        raise ValueError(
            f"The picture cannot be decoded: {reason.rstrip('.')}. Save it "
            f"again as a PNG of at most {_LONGEST:,} pixels a side."
        ) from error
    if margin is not None:
        picture = crop(picture, margin)
        picture.thumbnail((_LONGEST, _LONGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def crop(picture: Image.Image, margin: float) -> Image.Image:
    """Crops a picture to a square around its ink.

    Ink is every pixel with more than half of the most ink, by the rule of
    `tfdood.paper`.

    Args:
        picture: a picture of the mode RGBA.
        margin: the distance from the ink to the border of the square, a
            fraction of the longer side of the ink, at least 0.

    Returns:
        The square; the same picture if it has no ink.
    """
    colour, ink = _paper_and_ink(picture)
    box = Image.fromarray(ink).getbbox()
    if box is None:
        return picture
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    side = longer + 2 * round(margin * longer)
    square = Image.new("RGBA", (side, side), colour)
    corner = (side - (right - left)) // 2, (side - (bottom - top)) // 2
    square.paste(picture.crop(box), corner)
    return square


def _shrunk(picture: Image.Image) -> Image.Image:
    """Converts a picture to RGBA, with sides of at most `_LONGEST` pixels."""
    picture = pictures.eight_bits(picture)
    is_grey = picture.mode in ("1", "L") and not picture.has_transparency_data
    picture = picture.convert("L" if is_grey else "RGBA")
    picture.thumbnail((_LONGEST, _LONGEST))
    return picture.convert("RGBA")


def _paper_and_ink(
    picture: Image.Image,
) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """The colour of the paper, and a mask of the ink, `[H, W]`."""
    grey, alpha = (
        np.asarray(x, np.float32) / 255.0
        for x in (picture.convert("L"), picture.getchannel("A"))
    )
    over = paper.over_paper(grey[..., np.newaxis], alpha[..., np.newaxis])
    ink = paper.ink(over).numpy()[..., 0]
    is_ink = ink > max(ink.max() / 2.0, _FAINTEST)
    if alpha.min() < 1.0:
        return (0, 0, 0, 0), is_ink
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    tone = round(255.0 * float(np.median(border)))
    return (tone, tone, tone, 255), is_ink
