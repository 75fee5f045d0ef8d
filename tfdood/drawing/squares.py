"""The square of a picture that a model sees: its ink, white on black."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from tfdood.drawing import paper
from tfdood.files import pictures

_LEVELS = 255.0
_WHITE = 1.001  # The largest share, rounded.


class Place(NamedTuple):
    """Where a square lies in its picture.

    Attributes:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        left: of the square, in pixels; the square may reach over the picture.
        top: of the square, in pixels.
        side: of the square, in pixels.
    """

    width: float
    height: float
    left: float
    top: float
    side: float


class Square(NamedTuple):
    """The ink of a picture.

    Attributes:
        ink: `[N, N]` float32, from 0, paper, to 1, ink. All is 0 if the picture
            has no ink; then the square holds the whole picture.
        place: of the square in the picture.
    """

    ink: np.ndarray
    place: Place


def of_file(contents: bytes, margin: float | None = None) -> Square:
    """Finds the ink of a file.

    Args:
        contents: the bytes of a picture, as in `pictures.decode`.
        margin: the distance from the ink to the sides of the square, a fraction
            of the longer side of the ink, at least 0, and at least a pixel if
            it is not 0; None keeps the whole picture.

    Returns:
        The square. The ink is sought in a picture with a longer side of at most
        `paper.LONGEST` pixels.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    return _square(*pictures.decode(contents, paper.LONGEST), margin)


def of_array(picture: np.ndarray, margin: float | None = None) -> Square:
    """Finds the ink of an array.

    Args:
        picture: `[H, W]` or `[H, W, C]` with C from 1 to 4; 2 and 4 channels
            have an alpha channel at the end. Of bool, of floats from 0 to 1, of
            uint16, or of other numbers from 0 to 255. Or a `PIL.Image` of any
            mode, which is turned as its EXIF data say.
        margin: as in `of_file`.

    Returns:
        As `of_file`.

    Raises:
        ValueError: If the array has another shape or other values, or if the
            `PIL.Image` cannot be decoded.
    """
    if not isinstance(picture, Image.Image):
        eight_bits = _eight_bits(np.asarray(picture))
        if eight_bits.ndim == 3 and eight_bits.shape[-1] == 1:
            eight_bits = eight_bits[..., 0]
        picture = Image.fromarray(eight_bits)
    picture = pictures.upright(picture)
    small = pictures.shrink(picture, paper.LONGEST)
    return _square(small, *picture.size, margin)


def resized(ink: np.ndarray, size: int) -> np.ndarray:
    """Resizes a square to the image that a model sees.

    Args:
        ink: `[N, N]` from 0 to 1; not all is 0.
        size: `S`, height and width of the image in pixels.

    Returns:
        `[S, S]` float32 in [0, 1], bilinear and antialiased; the largest value
        is 1.
    """
    small = Image.fromarray(ink).resize((size, size), Image.Resampling.BILINEAR)
    image = np.clip(np.asarray(small), 0.0, 1.0)
    return image / image.max()


def _square(
    picture: np.ndarray, width: int, height: int, margin: float | None
) -> Square:
    ink = paper.ink(picture)
    box, room = paper.bounds(ink), 0
    if margin is None or box is None:
        box = 0, 0, *ink.shape
    else:
        room = max(round(margin * max(box[2:])), int(margin > 0.0))
    top, left, rows, columns = box
    cut = ink[top : top + rows, left : left + columns]
    side = max(cut.shape) + 2 * room
    above, before = ((side - length) // 2 for length in cut.shape)
    square = np.zeros([side, side], np.float32)
    square[above : above + rows, before : before + columns] = cut
    scale = max(width, height) / max(ink.shape)
    place = Place(
        *(width, height),
        *(scale * (left - before), scale * (top - above), scale * side),
    )
    return Square(square, place)


def _eight_bits(picture: np.ndarray) -> np.ndarray:
    is_picture = picture.ndim == 2 or (
        picture.ndim == 3 and picture.shape[2] in range(1, 5)
    )
    if not is_picture or not picture.size or picture.dtype.kind not in "buif":
        raise ValueError(
            "A picture is an array [H, W] or [H, W, C] of numbers with C from "
            f"1 to 4, got {list(picture.shape)} of {picture.dtype}; convert "
            "it, or give the path of a file."
        )
    if picture.dtype.kind in "ui" and picture.max() == 1:
        raise ValueError(
            "Integers of a picture are from 0 to 255, got none above 1; if 1 "
            "is white, give bool or float."
        )
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return _of_sixteen_bits(picture)
    values, is_float = picture.astype(np.float64), picture.dtype.kind == "f"
    most = values.max()
    is_share = picture.dtype.kind == "b" or (is_float and most <= _WHITE)
    # Floats just above 1 may be shares as well as levels.
    is_clear = is_share or not is_float or most >= 2.0
    values = _LEVELS * values if is_share else values
    slack = _LEVELS * (_WHITE - 1.0)
    in_range = values.min() >= -slack and values.max() <= _LEVELS + slack
    if not (is_clear and in_range):
        raise ValueError(
            "The values of a picture are from 0 to 1 or from 0 to 255, got "
            f"{picture.min()} to {picture.max()}; scale them, and replace NaN."
        )
    return np.rint(np.clip(values, 0.0, _LEVELS)).astype(np.uint8)


def _of_sixteen_bits(picture: np.ndarray) -> np.ndarray:
    """Scales values of 10 to 16 bits to 8, as those of a file."""
    channels = np.atleast_3d(picture)
    flat = Image.fromarray(channels.reshape(len(channels), -1))
    depth = pictures.depth(flat)
    return np.asarray(pictures.eight_bits(flat, depth)).reshape(picture.shape)
