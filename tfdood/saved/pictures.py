"""Decodes PNG, JPEG and BMP files to the images that models take."""

from collections.abc import Callable

import tensorflow as tf

from tfdood.drawing import paper

_MAX_FINER = 8  # times `size`: the longer side before padding to a square
_MOST_PIXELS = 2**24
_HEADER_BYTES = 26
_PNG, _JPEG, _BMP = b"\x89PNG", b"\xff\xd8\xff", b"BM"


def read(contents: tf.Tensor, size: int) -> tf.Tensor:
    """Decodes encoded pictures of any size.

    The pictures are clean: their paper is even. It is the median colour of the
    border, and ink is the distance from it, as in `tfdood.drawing.paper`, which
    prepares other pictures. Transparent pixels are paper. A picture is padded
    with black to a square, and scaled so that its brightest pixel is 1.
    Shrinking is antialiased.

    Args:
        contents: `[B]` of bytes, PNG, JPEG or BMP, of at most 16 megapixels, so
            that a small file cannot fill the memory. Other formats that
            TensorFlow decodes are refused, because nothing measures them before
            they are decoded: WebP and JPEG XL, and the frames of a GIF.
        size: height and width of the images.

    Returns:
        `[B, size, size, 1]` float32 in [0, 1].

    Raises:
        tf.errors.InvalidArgumentError: If a picture has another format, is too
            large, or cannot be decoded.
    """
    return _each(lambda one: _read(one, size), contents)


def read_in_colour(contents: tf.Tensor, size: int) -> tf.Tensor:
    """Decodes encoded pictures of scenes as they are.

    A picture is scaled to a square, whatever its sides are, so that boxes in
    the unit square are those of the picture. Shrinking is antialiased.
    Transparency is ignored.

    Args:
        contents: as of `read`.
        size: height and width of the images.

    Returns:
        `[B, size, size, 3]` float32 in [0, 1], red, green and blue; grey
        pictures have three equal channels.

    Raises:
        tf.errors.InvalidArgumentError: As `read`.
    """

    def one(encoded: tf.Tensor) -> tf.Tensor:
        picture = _decoded(encoded, channels=3)
        image = tf.image.resize(picture, [size, size], antialias=True)
        image = tf.clip_by_value(image, 0.0, 1.0)
        return tf.ensure_shape(image, [size, size, 3])

    return _each(one, contents)


def _each(
    function: Callable[[tf.Tensor], tf.Tensor], contents: tf.Tensor
) -> tf.Tensor:
    """Reads one picture after another: ten at once would take gigabytes."""
    return tf.map_fn(
        function,
        contents,
        fn_output_signature=tf.float32,
        parallel_iterations=1,
    )


def _decoded(contents: tf.Tensor, channels: int = 0) -> tf.Tensor:
    """A picture `[H, W, C]` in [0, 1]; as many channels as in it if 0."""
    contents = _of_allowed_size(_of_known_format(contents))
    picture = tf.io.decode_image(
        contents, channels=channels, expand_animations=False
    )
    picture.set_shape([None, None, channels or None])
    return tf.cast(picture, tf.float32) / 255.0


def _read(contents: tf.Tensor, size: int) -> tf.Tensor:
    ink = _ink(_decoded(contents), _starts_with(contents, _BMP))
    # Shrink first: the square of a long picture may not fit into memory.
    sides = tf.cast(tf.shape(ink)[:2], tf.float32)
    sides *= tf.minimum(1.0, _MAX_FINER * size / tf.reduce_max(sides))
    sides = tf.maximum(1, tf.cast(tf.round(sides), tf.int32))
    ink = tf.image.resize(ink, sides, antialias=True)
    (height, width), side = tf.unstack(sides), tf.reduce_max(sides)
    ink = tf.image.pad_to_bounding_box(
        ink, (side - height) // 2, (side - width) // 2, side, side
    )
    ink = tf.image.resize(ink, [size, size], antialias=True)
    ink = tf.clip_by_value(ink, 0.0, 1.0)
    ink = tf.math.divide_no_nan(ink, tf.reduce_max(ink))
    return tf.ensure_shape(ink, [size, size, 1])


def _ink(picture: tf.Tensor, is_bitmap: tf.Tensor) -> tf.Tensor:
    """Distance from the paper, `[H, W, 1]`, of a picture `[H, W, 1 to 4]`."""
    channels = tf.shape(picture)[-1]
    has_alpha = 1 - channels % 2  # 2 or 4 channels
    colours = picture[..., : channels - has_alpha]
    alpha = picture[..., -1:] ** tf.cast(has_alpha, tf.float32)
    # Most BMP files of 32 bits leave the fourth byte at 0, without a meaning.
    is_unused = is_bitmap & (tf.reduce_max(alpha) == 0.0)
    alpha = tf.where(is_unused, 1.0, alpha)
    alpha = tf.math.divide_no_nan(alpha, tf.reduce_max(alpha))
    # White paper surrounds dark opaque ink, and black paper light ink.
    tone = tf.math.divide_no_nan(
        tf.reduce_sum(alpha * tf.reduce_mean(colours, -1, keepdims=True)),
        tf.reduce_sum(alpha),
    )
    colour = tf.where(
        _border(alpha) < 0.5, tf.cast(tone < 0.5, tf.float32), _border(colours)
    )
    far = alpha * tf.reduce_max(tf.abs(colours - colour), -1, keepdims=True)
    is_ink = tf.reduce_max(far) > paper.FAINTEST / 255.0
    return far * tf.cast(is_ink, tf.float32)


def _border(channels: tf.Tensor) -> tf.Tensor:
    """The median `[C]` of the outermost pixels of `[H, W, C]`."""
    sides = channels[0], channels[-1], channels[:, 0], channels[:, -1]
    border = tf.sort(tf.concat(sides, 0), 0)
    return border[tf.shape(border)[0] // 2]


def _starts_with(contents: tf.Tensor, magic: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(contents, 0, len(magic)), magic)


def _of_known_format(contents: tf.Tensor) -> tf.Tensor:
    """The same contents, unless nothing would measure their header."""
    is_known = [_starts_with(contents, magic) for magic in (_PNG, _JPEG, _BMP)]
    check = tf.debugging.Assert(
        tf.reduce_any(is_known),
        [
            "Pictures must be PNG, JPEG or BMP files; got first bytes",
            tf.io.decode_raw(tf.strings.substr(contents, 0, 4), tf.uint8),
        ],
        summarize=4,
    )
    with tf.control_dependencies([check]):
        return tf.identity(contents)


def _of_allowed_size(contents: tf.Tensor) -> tf.Tensor:
    """The same contents, unless the picture is too large."""
    width, height = tf.unstack(_sides(contents), num=2)
    check = tf.debugging.Assert(
        width * height <= _MOST_PIXELS,
        [
            f"Pictures must have at most {_MOST_PIXELS:,} pixels; got",
            *(width, "x", height),
        ],
    )
    with tf.control_dependencies([check]):
        return tf.identity(contents)


def _sides(contents: tf.Tensor) -> tf.Tensor:
    """Width and height in the header of a known format, `[2]` int64."""
    header = tf.strings.substr(contents, 0, _HEADER_BYTES)
    header = tf.strings.join([header, b"\0" * _HEADER_BYTES])

    def numbers(start: int, **order: bool) -> tf.Tensor:
        of_two = tf.strings.substr(header, start, 8)
        sides = tf.io.decode_raw(of_two, tf.int32, **order)
        return tf.abs(tf.cast(sides, tf.int64))

    def of_jpeg() -> tf.Tensor:
        height_width = tf.io.extract_jpeg_shape(contents, tf.int32)[:2]
        return tf.cast(height_width[::-1], tf.int64)

    return tf.case(
        [
            (
                _starts_with(contents, _PNG),
                lambda: numbers(16, little_endian=False),
            ),
            (_starts_with(contents, _BMP), lambda: numbers(18)),
        ],
        default=of_jpeg,
    )
