"""Decodes PNG, JPEG and BMP files to the images that models take."""

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
    return tf.map_fn(
        lambda one: _read(one, size), contents, fn_output_signature=tf.float32
    )


def _read(contents: tf.Tensor, size: int) -> tf.Tensor:
    with tf.control_dependencies([_measured(contents)]):
        contents = tf.identity(contents)
    picture = tf.io.decode_image(contents, expand_animations=False)
    picture.set_shape([None, None, None])
    ink = _ink(tf.cast(picture, tf.float32) / 255.0)
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


def _ink(picture: tf.Tensor) -> tf.Tensor:
    """Distance from the paper, `[H, W, 1]`, of a picture `[H, W, 1 to 4]`."""
    channels = tf.shape(picture)[-1]
    has_alpha = 1 - channels % 2  # 2 or 4 channels
    colours = picture[..., : channels - has_alpha]
    alpha = picture[..., -1:] ** tf.cast(has_alpha, tf.float32)
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


def _measured(contents: tf.Tensor) -> tf.Operation:
    """Refuses what is too large, or what has no known header."""
    starts = {
        magic: tf.equal(tf.strings.substr(contents, 0, len(magic)), magic)
        for magic in (_PNG, _JPEG, _BMP)
    }
    is_known = tf.debugging.Assert(
        tf.reduce_any(list(starts.values())),
        [
            "Pictures must be PNG, JPEG or BMP files; got one that starts with",
            tf.strings.substr(contents, 0, 12),
        ],
    )
    with tf.control_dependencies([is_known]):
        sides = _sides(contents, starts)
    width, height = tf.unstack(sides, num=2)
    return tf.debugging.Assert(
        width * height <= _MOST_PIXELS,
        [
            f"Pictures must have at most {_MOST_PIXELS:,} pixels; got",
            *(width, "x", height),
        ],
    )


def _sides(contents: tf.Tensor, starts: dict[bytes, tf.Tensor]) -> tf.Tensor:
    """Width and height in the header, `[2]` int64."""
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
            (starts[_PNG], lambda: numbers(16, little_endian=False)),
            (starts[_BMP], lambda: numbers(18)),
        ],
        default=of_jpeg,
    )
