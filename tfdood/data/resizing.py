"""Resizing of images under the pixel convention of `tfdood.types`."""

import numpy as np
import tensorflow as tf
import threadpoolctl

_CHUNK = 1_000
# Threads wait for each other longer than they multiply such small matrices.
_one_thread = threadpoolctl.threadpool_limits.wrap(limits=1, user_api="blas")


@_one_thread
def resize(images: np.ndarray, image_size: int) -> np.ndarray:
    """Resizes images bilinearly, with antialiasing when they get smaller.

    Pixel `i` of `n` has its centre at `(i + 0.5) / n`. PIL, which the authors
    of DooD used, has the same convention. The operation is linear and
    separable. Two matrix products are therefore enough, and they are faster
    than `tf.image.resize`:

        resized = rows @ image @ columns^T

    Args:
        images: `[N, H, W, C]`, uint8.
        image_size: height and width of the result in pixels, at least 1.

    Returns:
        `[N, image_size, image_size, C]`, uint8; the argument itself if it has
        this size.

    Raises:
        ValueError: If `image_size` is smaller than 1.
    """
    check_size(image_size)
    if images.shape[1:3] == (image_size, image_size):
        return images
    rows, columns = (_weights(n, image_size) for n in images.shape[1:3])
    shape = (len(images), image_size, image_size, images.shape[-1])
    resized = np.empty(shape, np.uint8)
    for start in range(0, len(images), _CHUNK):
        chunk = np.moveaxis(images[start : start + _CHUNK], -1, 1)
        chunk = chunk.astype(np.float32, order="C")
        chunk = np.rint(rows @ chunk @ columns.T)
        resized[start : start + _CHUNK] = np.moveaxis(chunk, 1, -1)
    return resized


def check_size(image_size: int) -> None:
    """Checks the size of images.

    Args:
        image_size: height and width in pixels.

    Raises:
        ValueError: If `image_size` is smaller than 1.
    """
    if image_size < 1:
        raise ValueError(
            f"image_size must be at least 1 pixel, got {image_size}."
        )


def _weights(size: int, new_size: int) -> np.ndarray:
    """The matrix `[new_size, size]` that resizes a column of pixels."""
    identity = tf.eye(size)[..., tf.newaxis]
    weights = tf.image.resize(identity, (new_size, size), antialias=True)
    return weights[..., 0].numpy()
