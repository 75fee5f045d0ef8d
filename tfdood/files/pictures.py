"""Pictures as Pillow reads them."""

import numpy as np
from PIL import Image


def eight_bits(picture: Image.Image) -> Image.Image:
    """Converts a picture of 16 bits a pixel to 8 bits; keeps others.

    Pillow's own conversion cuts values above 255 off.

    Args:
        picture: of any mode.

    Returns:
        A picture of 8 bits a channel.
    """
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
