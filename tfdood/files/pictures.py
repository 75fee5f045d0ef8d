"""Pictures as Pillow reads them."""

import contextlib
import io
import pathlib
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pi_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

pi_heif.register_heif_opener()

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
"""The formats that are read, as Pillow names them.

Phones save photographs as HEIF, in files that end in `.heic`; `pi_heif` adds
this format to Pillow.
"""

SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
        *(".heic", ".heif", ".avif"),
    )
)
"""The endings of the names of such files, in any letter case."""

_DEPTHS = (8, 10, 12, 14, 16)
_TOO_LARGE = (
    f"it has more than {2 * Image.MAX_IMAGE_PIXELS:,} pixels. Make it smaller"
)


class Picture(NamedTuple):
    """A decoded picture.

    Attributes:
        pixels: `[H, W]` or `[H, W, 3 or 4]`, uint8.
        width: of the picture in the file, upright, in pixels.
        height: the same.
    """

    pixels: np.ndarray
    width: int
    height: int


def is_picture(path: pathlib.Path) -> bool:
    """Whether the name of a file ends like that of a picture.

    Args:
        path: of a file.

    Returns:
        Whether the ending is one of `SUFFIXES`, in any letter case.
    """
    return path.suffix.lower() in SUFFIXES


def decode(contents: bytes, longest: int) -> Picture:
    """Decodes a picture, upright, and shrinks it.

    Args:
        contents: the bytes of a picture, see `FORMATS`; of several pictures in
            a file, the first one is read (of HEIF, the main one).
        longest: the longest side of the pixels.

    Returns:
        The picture.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    with _readable():
        picture = Image.open(io.BytesIO(contents), formats=FORMATS)
        if picture.format == "TIFF":
            picture.load()  # It is upright then.
        (width, height), orientation = picture.size, _orientation(picture)
        picture.draft(None, (longest, longest))
        if orientation != 1:
            picture = ImageOps.exif_transpose(picture)
        if orientation > 4:
            width, height = height, width
        return Picture(shrink(picture, longest), width, height)


def upright(picture: Image.Image) -> Image.Image:
    """Loads a picture, and turns it as its EXIF data say.

    Args:
        picture: of any mode.

    Returns:
        The picture.

    Raises:
        ValueError: If the picture cannot be decoded.
    """
    with _readable():
        picture.load()
        is_turned = _orientation(picture) != 1
        return ImageOps.exif_transpose(picture) if is_turned else picture


def shrink(picture: Image.Image, longest: int) -> np.ndarray:
    """Converts a picture to 8 bits a channel, and shrinks it.

    Args:
        picture: of any mode.
        longest: the longest side of the result in pixels.

    Returns:
        `[H, W]` or `[H, W, 3 or 4]`, uint8.
    """
    picture = _plain(picture)
    picture.thumbnail((longest, longest), reducing_gap=2.0)
    return np.asarray(picture)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Gives what fails while a picture is read one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of metadata and sizes.
            yield
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"The picture cannot be decoded: {_TOO_LARGE}."
        ) from error
    except Exception as error:  # Damage appears as one of a dozen types.
        reason = (
            f"it is none of {', '.join(FORMATS)}, or its first bytes are "
            "damaged"
            if isinstance(error, UnidentifiedImageError)
            else " ".join(str(error).split()).rstrip(".")
        )
        raise ValueError(
            f"The picture cannot be decoded: {reason}. Save it again as a PNG."
        ) from error


def _orientation(picture: Image.Image) -> int:
    """The EXIF tag, from 1 to 8: 1 is upright, above 4 lies on its side."""
    found = None
    with contextlib.suppress(Exception):  # Damage is one of a dozen types.
        found = picture.getexif().get(ExifTags.Base.Orientation)
    return found if found in range(1, 9) else 1


def depth(picture: Image.Image) -> int:
    """Finds how many bits the values of a picture need.

    Cameras and scanners store 10 to 14 bits in files of 16.

    Args:
        picture: of any mode.

    Returns:
        8, 10, 12, 14 or 16.
    """
    if not picture.mode.startswith("I"):
        return _DEPTHS[0]
    most = int(np.max(np.asarray(picture)))
    return next((bits for bits in _DEPTHS if most < 2**bits), _DEPTHS[-1])


def eight_bits(picture: Image.Image, depth: int) -> Image.Image:
    """Converts a picture of 16 bits a pixel to 8 bits; keeps others.

    Pillow's own conversion cuts values above 255 off.

    Args:
        picture: of any mode.
        depth: the bits of the largest value, 8 to 16, which becomes 255.

    Returns:
        A picture of 8 bits a channel.
    """
    if not picture.mode.startswith("I"):
        return picture
    most = 2**depth - 1
    table = (np.arange(most + 1) * 255 // most).astype(np.uint8)
    return Image.fromarray(table[np.clip(np.asarray(picture), 0, most)])


def _plain(picture: Image.Image) -> Image.Image:
    """Converts a picture to 8 bits a channel, grey or RGB, perhaps alpha."""
    picture = _of_numbers(picture)
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _of_numbers(picture: Image.Image) -> Image.Image:
    """Converts pixels of 16 and 32 bits and of floats to 8; keeps others.

    The largest number is white if it is a float above 1, or has more than 16
    bits. Of other floats, 1 is white.
    """
    is_large = picture.mode == "I" and picture.getextrema()[1] >= 2**16
    if picture.mode != "F" and not is_large:
        return eight_bits(picture, depth(picture))
    values = np.nan_to_num(np.asarray(picture), posinf=0.0, neginf=0.0)
    most = max(float(values.max()), 1.0)
    grey = np.rint(255.0 / most * np.clip(values, 0.0, most))
    return Image.fromarray(grey.astype(np.uint8))
