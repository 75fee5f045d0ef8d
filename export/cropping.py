"""Pictures cut to their drawings, as the drawings of a dataset are."""

import io

import numpy as np
from PIL import Image

_READING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
)


def crop(contents: bytes, margin: float) -> bytes:
    """Cuts a picture to a square around its ink.

    Ink is what differs from the paper, the median of the border, by half of
    what any pixel does; where there is transparency, all that is opaque.

    Args:
        contents: a PNG or JPEG.
        margin: around the ink, as a share of its longer side, at least 0.

    Returns:
        A PNG; the contents as they are if there is no ink.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    try:
        picture = Image.open(io.BytesIO(contents)).convert("RGBA")
    except _READING_ERRORS as error:
        raise ValueError(
            f"The picture cannot be decoded: {error}. Save it again as PNG."
        ) from error
    paper, ink = _paper_and_ink(picture)
    box = Image.fromarray(ink).getbbox()
    if box is None:
        return contents
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    side = longer + 2 * round(margin * longer)
    square = Image.new("RGBA", (side, side), paper)
    corner = (side - (right - left)) // 2, (side - (bottom - top)) // 2
    square.paste(picture.crop(box), corner)
    buffer = io.BytesIO()
    square.save(buffer, "PNG")
    return buffer.getvalue()


def _paper_and_ink(picture: Image.Image):
    """The colour of the paper, and where there is ink, `[H, W]`."""
    opaque = np.asarray(picture.getchannel("A")) >= 128
    if not opaque.all():
        return (0, 0, 0, 0), opaque
    grey = np.asarray(picture.convert("L"), np.float32)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = round(float(np.median(border)))
    contrast = np.abs(grey - paper)
    ink = contrast > max(contrast.max() / 2.0, 1.0)
    return (paper, paper, paper, 255), ink
