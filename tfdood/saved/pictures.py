"""Decodes PNG and JPEG files to the images that models take."""

import tensorflow as tf

from tfdood import paper

_MAX_FINER = 8  # times `size`: the longer side before padding to a square
_MOST_PIXELS = 2**24
_HEADER_BYTES = 24


def read(contents: tf.Tensor, size: int) -> tf.Tensor:
    """Decodes encoded pictures of any size.

    A picture becomes grey. It is inverted if its border is light, so that ink
    is white on black. It is padded with black to a square, and scaled so that
    its brightest pixel is 1. Transparent pixels have no ink. Shrinking is
    antialiased.

    Args:
        contents: `[B]` of bytes, PNG or JPEG (also GIF or BMP), of at most
            16 megapixels, so that a small file cannot fill the memory.
        size: height and width of the images.

    Returns:
        `[B, size, size, 1]` float32 in [0, 1].

    Raises:
        tf.errors.InvalidArgumentError: If a picture is too large, or cannot be
            decoded.
    """
    return tf.map_fn(
        lambda one: _read(one, size), contents, fn_output_signature=tf.float32
    )


def _read(contents: tf.Tensor, size: int) -> tf.Tensor:
    width, height = tf.unstack(_sides(contents), num=2)
    check = tf.debugging.Assert(
        width * height <= _MOST_PIXELS,
        [
            f"Pictures must have at most {_MOST_PIXELS:,} pixels; got",
            *(width, "x", height),
        ],
    )
    with tf.control_dependencies([check]):
        contents = tf.identity(contents)
    picture = tf.io.decode_image(contents, expand_animations=False)
    picture.set_shape([None, None, None])
    picture = tf.cast(picture, tf.float32) / 255.0
    channels = tf.shape(picture)[-1]
    has_alpha = 1 - channels % 2  # 2 or 4 channels
    grey = tf.reduce_mean(
        picture[..., : channels - has_alpha], -1, keepdims=True
    )
    alpha = picture[..., -1:] ** tf.cast(has_alpha, tf.float32)
    ink = paper.ink(paper.over_paper(grey, alpha))
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


def _sides(contents: tf.Tensor) -> tf.Tensor:
    """Width and height in the header, int64; 0 for other kinds of files.

    Other kinds are not compressed, so that a small file is a small picture.
    """
    header = tf.strings.substr(contents, 0, _HEADER_BYTES)
    header = tf.strings.join([header, b"\0" * _HEADER_BYTES])

    def numbers(start: int, dtype: tf.DType, **order: bool) -> tf.Tensor:
        of_two = tf.strings.substr(header, start, 2 * dtype.size)
        return tf.cast(tf.io.decode_raw(of_two, dtype, **order), tf.int64)

    def starts_with(magic: bytes) -> tf.Tensor:
        return tf.equal(tf.strings.substr(header, 0, len(magic)), magic)

    def of_jpeg() -> tf.Tensor:
        height_width = tf.io.extract_jpeg_shape(contents, tf.int32)[:2]
        return tf.cast(height_width[::-1], tf.int64)

    return tf.case(
        [
            (
                starts_with(b"\x89PNG"),
                lambda: numbers(16, tf.int32, little_endian=False),
            ),
            (starts_with(b"GIF8"), lambda: numbers(6, tf.uint16)),
            (starts_with(b"\xff\xd8\xff"), of_jpeg),
        ],
        default=lambda: tf.zeros([2], tf.int64),
    )
