"""Splatted ink: the raster of BPL and GNS, in probabilities of pixels.

Each point of a curve gives ink to the four pixels around it. The ink of all
strokes is added, broadened by two small filters, blurred, and mixed with noise.
Source: Lake et al., "Human-level concept learning through probabilistic program
induction" (2015), supplement S2.4, with the constants of their code; GNS
(Feinman and Lake, 2021), Sec. 3, "Image model".
"""

import tensorflow as tf

REACH = 5
"""The largest distance, in pixels, over which a blur spreads ink."""

_PER_POINT = 2.0  # Ink of a point, and of a stroke at least.
_FARTHEST = 2.0  # Distance in pixels to the next point that gives all ink.
_SPREAD, _GAIN = 0.5, 6.0  # Of the filters that broaden strokes.
_TINY = 1e-12


def stroke_ink(
    points: tf.Tensor, is_point: tf.Tensor, image_size: int
) -> tf.Tensor:
    """Computes the ink of single strokes.

    The ink of a point is its distance from the point before, in pixels, but at
    most 2. The first point has the ink of the second point. So the ink of a
    stroke depends on its length, and hardly on the number of its points. A
    stroke with less ink than 2 gets an ink of 2. Points off the page have no
    ink. (BPL measures the distances between the points on the page only; here
    the distances are between all points.)

    Args:
        points: `[..., S, 2]`, `(x, y)` in the unit square.
        is_point: `[..., S]`, bool; other points are padding.
        image_size: `H = W` in pixels.

    Returns:
        `[..., H, W]`, not negative.
    """
    places, weights = _weighed(points, is_point, image_size)
    return _splatted(places, weights, image_size)


def broaden(ink: tf.Tensor) -> tf.Tensor:
    """Broadens ink to the width of a pen, by two filters of 3 x 3 pixels.

    Args:
        ink: `[..., H, W]`, of all strokes.

    Returns:
        `[..., H, W]` in [0, 1].
    """
    side, corner = _SPREAD / 6.0, _SPREAD / 12.0
    kernel = _GAIN * tf.constant(
        [
            [corner, side, corner],
            [side, 1.0 - _SPREAD, side],
            [corner, side, corner],
        ],
        ink.dtype,
    )
    flat = tf.reshape(ink, [-1, *ink.shape[-2:], 1])
    for _ in range(2):
        flat = tf.nn.conv2d(
            flat, kernel[..., tf.newaxis, tf.newaxis], 1, "SAME"
        )
    return tf.minimum(tf.reshape(flat, tf.shape(ink)), 1.0)


def soften(
    ink: tf.Tensor, std: tf.Tensor, noise: tf.Tensor, reach: int = REACH
) -> tf.Tensor:
    """Blurs ink twice, and mixes it with noise of pixels.

    Args:
        ink: `[..., H, W]` in [0, 1].
        std: `[...]`, positive, of each blur in pixels.
        noise: `[...]` in [0, 0.5], the probability that a pixel flips.
        reach: pixels farther away than this have no part in a blur.

    Returns:
        `[..., H, W]`, the probability that a pixel is ink. Ink that leaves the
        page is lost.
    """
    size = ink.shape[-1]
    distance = tf.abs(tf.range(size)[:, tf.newaxis] - tf.range(size))
    offsets = tf.cast(tf.range(-reach, reach + 1), ink.dtype)
    inverse = -0.5 / std[..., tf.newaxis] ** 2
    total = tf.reduce_sum(tf.exp(inverse * offsets**2), -1)
    band = (
        tf.exp(inverse[..., tf.newaxis] * tf.cast(distance, ink.dtype) ** 2)
        / (total[..., tf.newaxis, tf.newaxis])
    )
    band = tf.where(distance <= reach, band, 0.0)  # [..., H, H]
    twice = tf.matmul(band, band)
    ink = tf.minimum(tf.matmul(tf.matmul(twice, ink), twice), 1.0)
    noise = noise[..., tf.newaxis, tf.newaxis]
    return (1.0 - noise) * ink + noise * (1.0 - ink)


def probabilities(
    points: tf.Tensor,
    is_point: tf.Tensor,
    std: tf.Tensor,
    noise: tf.Tensor,
    image_size: int,
    reach: int = REACH,
) -> tf.Tensor:
    """Draws characters.

    Args:
        points: `[..., T, S, 2]`, of `T` strokes, see `stroke_ink`.
        is_point: `[..., T, S]`, bool; strokes without a point are padding.
        std: `[...]`, see `soften`.
        noise: `[...]`, see `soften`.
        image_size: `H = W` in pixels.
        reach: see `soften`.

    Returns:
        `[..., H, W]`, the probability that a pixel is ink.
    """
    places, weights = _weighed(points, is_point, image_size)
    shape = tf.shape(weights)  # The points of all strokes in one sum:
    joined = tf.concat([shape[:-2], [shape[-2] * shape[-1]]], 0)
    ink = _splatted(
        tf.reshape(places, tf.concat([joined, [2]], 0)),
        tf.reshape(weights, joined),
        image_size,
    )
    return soften(broaden(ink), std, noise, reach)


def _weighed(
    points: tf.Tensor, is_point: tf.Tensor, image_size: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """The places `[..., S, 2]` of points in pixels; their ink `[..., S]`."""
    places = points * image_size - 0.5  # Of centres of pixels: whole numbers.
    inside = (tf.floor(places) >= 0.0) & (
        tf.math.ceil(places) <= image_size - 1.0
    )
    is_point &= tf.reduce_all(inside, -1)
    weights = _shares(places) * tf.cast(is_point, points.dtype)
    return places, _at_least(weights, tf.cast(is_point, points.dtype))


def _splatted(
    places: tf.Tensor, weights: tf.Tensor, image_size: int
) -> tf.Tensor:
    """The ink `[..., H, W]` of points `[..., S, 2]`, each on four pixels."""
    shape = tf.concat([tf.shape(weights)[:-1], 2 * [image_size]], 0)
    num_pixels = tf.reduce_prod(shape)
    corners = tf.floor(places)  # The pixels to the top left.
    right, low = tf.unstack(places - corners, axis=-1)
    left, high = 1.0 - right, 1.0 - low
    shares = tf.stack([high * left, high * right, low * left, low * right], -1)
    x, y = tf.unstack(tf.cast(corners, tf.int32), axis=-1)
    canvases = tf.range(num_pixels // image_size**2) * image_size**2
    pixels = tf.reshape(canvases, shape[:-2])[..., tf.newaxis]
    pixels += y * image_size + x
    pixels = pixels[..., tf.newaxis] + [0, 1, image_size, image_size + 1]
    # Off the page, and beyond the last pixel, there is no ink to be added.
    ink = tf.math.unsorted_segment_sum(
        tf.reshape(shares * weights[..., tf.newaxis], [-1]),
        tf.reshape(tf.clip_by_value(pixels, 0, num_pixels - 1), [-1]),
        num_pixels,
    )
    return tf.reshape(ink, shape)


def _shares(places: tf.Tensor) -> tf.Tensor:
    """The distance `[..., S]` of each point from the one before, at most 2."""
    steps = places[..., 1:, :] - places[..., :-1, :]
    squares = tf.reduce_sum(steps**2, -1)
    lengths = tf.where(
        squares > _TINY, tf.sqrt(tf.maximum(squares, _TINY)), 0.0
    )
    lengths = tf.minimum(lengths, _FARTHEST)
    if places.shape[-2] == 1:
        return tf.zeros_like(places[..., 0])
    return tf.concat([lengths[..., :1], lengths], -1)


def _at_least(weights: tf.Tensor, is_point: tf.Tensor) -> tf.Tensor:
    """Raises the ink `[..., S]` of a stroke to that of a point."""
    total = tf.reduce_sum(weights, -1, keepdims=True)
    count = tf.maximum(tf.reduce_sum(is_point, -1, keepdims=True), 1.0)
    factor = _PER_POINT / tf.maximum(total, _TINY**0.5)
    raised = tf.where(total < _PER_POINT, weights * factor, weights)
    shared = is_point * _PER_POINT / count
    return tf.where(total < _TINY**0.5, shared, raised)
