"""Pictures as Pillow reads them."""

import numpy as np
from PIL import Image

_DEPTHS = (8, 10, 12, 14, 16)


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


def eight_bits(picture: Image.Image, depth: int = 16) -> Image.Image:
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
    values = np.asarray(picture).astype(np.int64) * 255 // (2**depth - 1)
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
