"""The image deformation model: a distance between images that may bend.

Each pixel of an image takes the most similar pixel near its own place in the
other image. Pixels are compared by the gradients around them. It learns
nothing. Source: Keysers, Deselaers, Gollan and Ney, "Deformation models for
image recognition" (2007).
"""

import itertools

import numpy as np
from scipy import ndimage

from tfdood.evaluate.measures import ink_moments

SIZE = 32
"""The size of a normalised drawing, in pixels."""

REACH = 2.6
"""Half the size of a normalised drawing, in standard deviations of its ink."""

WARP = 3
"""How far a pixel moves at most along x and along y, in normalised pixels."""

_BLUR = 0.8
"""Standard deviation of the blur before sampling, in normalised pixels.

On runs of background characters, 0.5 to 1.2 are equally good."""

_CONTEXT = 1  # pixels to each side of a pixel that are compared with it


def distances(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Deformation distances, those there and those back added.

    Args:
        images: `[N, S, S]` or `[N, S, S, 1]`, ink is bright, from 0 to 255.
        others: `[M, ...]`, the same.

    Returns:
        `[N, M]`, at least 0.
    """
    features = tuple(gradients(normalised(x)) for x in (images, others))
    return one_way(*features) + one_way(*features[::-1]).T


def normalised(images: np.ndarray) -> np.ndarray:
    """Drawings with their ink in the centre, and at one scale.

    The standard deviation of the ink is 32 / 5.2 pixels, as the root of the
    mean of the variances along x and y. Drawings are not turned.

    Args:
        images: `[N, S, S]` or `[N, S, S, 1]`, ink is bright, from 0 to 255.

    Returns:
        `[N, 32, 32]` float32, a little blurred; 1 for ink.
    """
    size = images.shape[1]
    ink = images.reshape(-1, size, size).astype(np.float32) / 255.0
    mean, std = ink_moments.of(ink[..., np.newaxis])
    spread = ink_moments.spread(std).numpy()  # [N], in half image widths
    offsets = REACH * ((2.0 * np.arange(SIZE) + 1.0) / SIZE - 1.0)
    places = (
        mean.numpy()[..., np.newaxis]
        + spread[:, np.newaxis, np.newaxis] * offsets
    )
    places = 0.5 * size * (places + 1.0) - 0.5  # [N, 2, 32], in pixels
    blur = _BLUR * REACH * spread * size / SIZE
    return np.stack(
        [
            ndimage.map_coordinates(
                ndimage.gaussian_filter(image, std),
                np.meshgrid(y, x, indexing="ij"),
                order=1,
            )
            for image, std, (x, y) in zip(ink, blur, places, strict=True)
        ]
    )


def gradients(images: np.ndarray) -> np.ndarray:
    """Sobel gradients.

    Args:
        images: `[N, S, S]`.

    Returns:
        `[N, 2, S, S]`, along x and along y.
    """
    return np.stack(
        [[ndimage.sobel(image, axis) for axis in (1, 0)] for image in images]
    )


def one_way(features: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What is left when each pixel takes the best match in the other image.

        d(A, B) = sum_p min_q |context of A at p - context of B at q|^2

    with q at most `WARP` pixels away from p along x and along y, and with
    contexts of 3x3 pixels. There is nothing outside of the images.

    Args:
        features: `[N, D, S, S]`.
        others: `[M, D, S, S]`.

    Returns:
        `[N, M]`.
    """
    size = features.shape[-1]
    pad = WARP + _CONTEXT
    features, others = (
        np.pad(x, [(0, 0), (0, 0), (by, by), (by, by)])
        for x, by in ((features, _CONTEXT), (others, pad))
    )
    moves = list(itertools.product(range(2 * WARP + 1), repeat=2))
    width = size + 2 * _CONTEXT
    found = np.empty([len(features), len(others)], np.float32)
    for row, own in zip(found, features, strict=True):
        best = np.full([len(others), size, size], np.inf, np.float32)
        for y, x in moves:
            other = others[:, :, y : y + width, x : x + width]
            squares = np.square(own - other).sum(1)
            np.minimum(best, _sums(squares), out=best)
        row[:] = best.sum((1, 2))
    return found


def _sums(images: np.ndarray) -> np.ndarray:
    """Sums over the contexts of the pixels that have a whole one."""
    shifts = range(2 * _CONTEXT + 1)
    height, width = (n - 2 * _CONTEXT for n in images.shape[1:])
    images = sum(images[:, i : i + height] for i in shifts)
    return sum(images[:, :, i : i + width] for i in shifts)
