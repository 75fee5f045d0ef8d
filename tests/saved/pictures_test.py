import functools
import io
import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageDraw

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import paper
from tfdood.saved import pictures

_OPTIONS = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True, "method": 0}}


def _encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **_OPTIONS.get(kind, {}))
    return buffer.getvalue()


def test_pictures_in_colour_fill_the_square_as_they_are():
    red, blue = (200, 40, 0), (0, 0, 250)
    picture = Image.new("RGB", (80, 20), red)
    picture.paste(blue, (40, 0, 80, 20))
    grey = Image.new("L", (30, 60), 51)
    contents = np.array([_encoded(picture), _encoded(grey, "BMP")], object)
    images = pictures.read_in_colour(contents, 16).numpy()
    assert images.shape == (2, 16, 16, 3)
    for columns, colour in ((slice(7), red), (slice(9, 16), blue)):
        expected = np.broadcast_to(np.divide(colour, 255.0), (16, 7, 3))
        np.testing.assert_allclose(images[0, :, columns], expected, atol=0.01)
    np.testing.assert_allclose(images[1], 0.2, atol=1e-5)


@pytest.mark.parametrize("read", [pictures.read, pictures.read_in_colour])
def test_one_large_picture_is_in_memory_at_a_time(read):
    traced = tf.function(lambda contents: read(contents, 16), autograph=False)
    graph = traced.get_concrete_function(tf.TensorSpec([None], tf.string)).graph
    loops = [op for op in graph.get_operations() if "While" in op.type]
    assert [op.get_attr("parallel_iterations") for op in loops] == [1]


@pytest.mark.parametrize("read", [pictures.read, pictures.read_in_colour])
def test_what_is_no_picture_is_refused(read):
    with pytest.raises(tf.errors.InvalidArgumentError, match="PNG, JPEG or"):
        read(np.array([b"not a picture"], object), 16)


def _drawing(mode, paper, ink, size=(200, 200)):
    picture = Image.new(mode, size, paper)
    ImageDraw.Draw(picture).rectangle([40, 60, 80, 160], fill=ink)
    return picture


_EXPECTED = np.zeros([50, 50, 1], np.float32)
_EXPECTED[15:40, 10:20] = 1.0


@pytest.mark.parametrize(
    ("mode", "paper", "ink", "kind"),
    [
        ("L", 0, 255, "PNG"),
        ("L", 255, 0, "PNG"),
        ("L", 255, 120, "PNG"),
        ("RGB", (255, 250, 240), (20, 20, 90), "PNG"),
        ("RGB", (0, 0, 0), (250, 250, 250), "JPEG"),
        ("RGB", (255, 255, 255), (0, 0, 0), "JPEG"),
        ("RGBA", (0, 0, 0, 0), (0, 0, 0, 255), "PNG"),
        ("RGBA", (0, 0, 0, 0), (255, 255, 255, 255), "PNG"),
        ("LA", (255, 255), (0, 255), "PNG"),
        ("1", 1, 0, "PNG"),
        ("L", 100, 20, "PNG"),
        ("L", 150, 250, "BMP"),
        ("RGB", (105, 60, 160), (240, 220, 60), "PNG"),
        ("RGB", (40, 120, 40), (200, 30, 30), "BMP"),
        ("RGBA", (255, 255, 255, 120), (0, 0, 0, 120), "PNG"),
        ("RGBA", (255, 255, 255, 0), (0, 0, 0, 0), "BMP"),
        ("RGBA", (0, 0, 0, 255), (255, 255, 255, 255), "BMP"),
    ],
)
def test_ink_is_white_on_black(mode, paper, ink, kind):
    data = _encoded(_drawing(mode, paper, ink), kind)
    image = pictures.read(np.array([data, data], object), 50)
    assert image.shape == [2, 50, 50, 1]
    assert np.max(image) == 1.0  # A number divided by itself: exact.
    # The edges of the rectangle are shared between pixels.
    assert np.abs(image[0] - _EXPECTED).mean() < 0.012
    # The same route, repeated: exact.
    np.testing.assert_array_equal(image[0], image[1])


def test_long_pictures_are_padded_to_a_square():
    wide = _encoded(_drawing("L", 255, 0, (200, 400)))
    image = pictures.read(np.array([wide], object), 50).numpy()[0, ..., 0]
    rows, columns = np.nonzero(image > 0.7)
    assert (rows.min(), rows.max()) == (8, 19)
    assert (columns.min(), columns.max()) == (18, 21)


def test_very_long_picture_fits_into_memory():
    line = Image.new("L", (60_000, 1), 255)
    ImageDraw.Draw(line).line([20_000, 0, 40_000, 0], fill=0)
    image = pictures.read(np.array([_encoded(line)], object), 50).numpy()
    rows, columns = np.nonzero(image[0, ..., 0] > 0.5)
    assert set(rows) == {24, 25}
    assert (columns.min(), columns.max()) == (17, 32)


def test_blank_picture_has_no_ink():
    blank = _encoded(Image.new("L", (31, 17), 255))
    assert np.max(np.abs(pictures.read(np.array([blank], object), 50))) == 0.0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
def test_small_file_with_a_large_picture_is_refused(kind):
    data = _encoded(Image.new("L", (5_000, 4_000)), kind)
    with pytest.raises(tf.errors.InvalidArgumentError) as refusal:
        pictures.read(np.array([data], object), 50)
    assert "at most 16,777,216 pixels; got" in refusal.value.message
    assert "5000\n    b'x'\n    4000" in refusal.value.message


@functools.cache
def _vast(kind: str) -> bytes:
    """The start of a file of 9,000 x 9,000 pixels that has no other pixels."""
    if kind == "JPEG XL":
        return b"\xff\x0a" + bytes(30)
    picture = Image.new("P", (9_000, 9_000))
    return _encoded(picture, kind)


@pytest.mark.parametrize("read", [pictures.read, tf.function(pictures.read)])
@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "JPEG XL"])
def test_format_that_is_not_measured_is_refused(kind, read):
    with pytest.raises(tf.errors.InvalidArgumentError) as refusal:
        read(tf.constant([_vast(kind)]), 50)
    reason, _, got = refusal.value.message.partition("; got first bytes")
    assert "must be PNG, JPEG or BMP files" in reason
    numbers = [int(number) for number in re.findall(r"\d+", got)]
    assert bytes(numbers[:4]) == _vast(kind)[:4]


@pytest.mark.parametrize("alpha", [kinds.corners(), kinds.rounded()])
def test_transparent_corners_are_paper(alpha):
    picture = kinds.with_alpha(kinds.ring(255, 0), alpha)
    data = _encoded(Image.fromarray(picture)), _encoded(_ring())
    cornered, opaque = pictures.read(np.array(data, object), 50)
    np.testing.assert_allclose(cornered, opaque, atol=1e-6)


def _ring():
    return Image.fromarray(kinds.ring(255, 0))


def test_what_is_too_faint_is_no_ink():
    faint = _encoded(_drawing("L", 255, 244)), _encoded(_drawing("L", 240, 252))
    assert not np.any(pictures.read(np.array(faint, object), 50))
    clear = np.array([_encoded(_drawing("L", 255, 240))], object)
    assert np.max(pictures.read(clear, 50)) == 1.0


@pytest.mark.parametrize(
    "picture",
    [
        kinds.ring(255, 0),
        kinds.ring(100, 20),
        kinds.ring(150, 250),
        kinds.ring((105, 60, 160), (240, 220, 60), mode="RGB"),
        kinds.with_alpha(kinds.ring(255, 0), kinds.rounded()),
        kinds.with_alpha(kinds.blank(0), kinds.ring(0, 255)),
        kinds.disc(),
        kinds.ring(255, 0, width=40),
    ],
)
def test_clean_pictures_have_the_ink_of_the_rule(picture):
    ink = Image.fromarray(np.uint8(np.round(255.0 * paper.ink(picture))))
    data = _encoded(Image.fromarray(picture)), _encoded(ink)
    found, expected = pictures.read(np.array(data, object), 50)
    np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.parametrize("length", [0, 3, 12, 30])
@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "BMP"])
def test_truncated_file_is_refused(kind, length):
    data = _encoded(_drawing("L", 255, 0), kind)[:length]
    with pytest.raises(tf.errors.InvalidArgumentError):
        pictures.read(np.array([data], object), 50)
