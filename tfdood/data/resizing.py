"""Resizing images of drawings under the shared pixel convention."""

import numpy as np
import tensorflow as tf

_CHUNK = 2_000


def resize(images: np.ndarray, image_size: int) -> np.ndarray:
    """Resizes images bilinearly, with antialiasing where they shrink.

    Pixel centres are at (i + 0.5) / n, as in PIL, whose resizing the authors
    of DooD used.

    Args:
        images: `[N, H, W, 1]`, uint8.
        image_size: height and width of the result in pixels.

    Returns:
        `[N, image_size, image_size, 1]`, uint8.

    Raises:
        ValueError: If `image_size` is smaller than 1.
    """
    if image_size < 1:
        raise ValueError(
            f"image_size must be at least 1 pixel, got {image_size}."
        )
    if images.shape[1:3] == (image_size, image_size):
        return images
    size = (image_size, image_size)
    resized = np.empty((len(images), *size, 1), np.uint8)
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK]
        chunk = tf.image.resize(chunk, size, "bilinear", antialias=True)
        resized[start : start + _CHUNK] = tf.cast(tf.round(chunk), tf.uint8)
    return resized
