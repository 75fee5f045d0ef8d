import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import ExifTags, Image, ImageDraw

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import paper, squares
from tfdood.saved import pictures as server

# A black rectangle of 60 x 30 pixels, 20 from the left and 200 from the top.
_BOX = (20, 200, 79, 229)


def _picture(size=(400, 300), box=_BOX):
    picture = Image.new("L", size, 255)
    ImageDraw.Draw(picture).rectangle(box, fill=0)
    return picture


def _file(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.5])
def test_square_lies_around_the_ink(margin):
    square = squares.of_file(_file(_picture()), margin)
    room = round(60 * margin)
    assert square.ink.shape == (60 + 2 * room,) * 2
    assert square.place == (400, 300, 20 - room, 185 - room, 60 + 2 * room)
    inner = square.ink[room + 15 : room + 45, room : room + 60]
    np.testing.assert_array_equal(inner, 1.0)
    assert square.ink.sum() == 60 * 30


def test_without_a_margin_the_square_holds_the_whole_picture():
    square = squares.of_file(_file(_picture()))
    assert square.place == (400, 300, 0, -50, 400)
    assert square.ink.shape == (400, 400)
    np.testing.assert_array_equal(square.ink[250:280, 20:80], 1.0)


@pytest.mark.parametrize("margin", [None, 0.0, 0.2])
def test_places_are_in_pixels_of_a_large_picture(margin):
    # It is shrunk by 5 before its ink is found.
    large = _picture((2_000, 2_500), (500, 1_000, 999, 1_999))
    square = squares.of_file(_file(large), margin)
    assert len(square.ink) < 750
    width, height, left, top, side = square.place
    assert (width, height) == (2_000, 2_500)
    rows, columns = (np.flatnonzero(square.ink.max(a) > 0.5) for a in (1, 0))
    pixel = side / len(square.ink)
    found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    expected = [500, 1_000, 1_000, 2_000]
    np.testing.assert_allclose(
        found * pixel + [left, top, left, top], expected, atol=6.0
    )


@pytest.mark.parametrize("size", [(25, 3_000), (3_000, 25)])
def test_places_of_long_pictures_are_along_them(size):
    # Shrunk, the short side has 4.27 pixels, which become 4.
    along = int(size[1] > size[0])
    box = [0, 0, 24, 24]
    box[along], box[along + 2] = 2_700, 2_750
    square = squares.of_file(_file(_picture(size, box)), 0.0)
    corner, side = square.place[2 + along], square.place[4]
    ink = square.ink.sum(1 - along)
    middle = np.average(np.arange(len(ink)) + 0.5, weights=ink)
    found = corner + side / len(ink) * middle
    np.testing.assert_allclose(found, 2_725.5, atol=6.0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_photographs_are_upright(kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the camera lay on its left side
    square = squares.of_file(_file(_picture(), kind, exif=exif), 0.0)
    # What was 20 from the left and 70 from the bottom.
    np.testing.assert_allclose(square.place, (300, 400, 55, 20, 60), atol=1)
    opened = Image.open(io.BytesIO(_file(_picture(), kind, exif=exif)))
    assert squares.of_array(opened, 0.0).place == square.place


@pytest.mark.parametrize("kind", sorted(kinds.empty()))
@pytest.mark.parametrize("margin", [None, 0.1])
def test_without_ink_the_square_is_empty(kind, margin):
    picture = kinds.empty()[kind]
    height, width = picture.shape[:2]
    square = squares.of_array(picture, margin)
    assert not square.ink.any()
    assert square.place[:2] == (width, height)


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x,
        lambda x: x[..., np.newaxis],
        lambda x: x.repeat(3, -1).reshape(*x.shape, 3),
        lambda x: x / 255.0,
        lambda x: (x / 255.0).astype(np.float32),
        lambda x: x.astype(np.float16),
        lambda x: x.astype(np.int64),
        lambda x: x.astype(np.uint16) * 257,
        lambda x: x > 0,
        lambda x: tf.constant(x),
        lambda x: x.tolist(),
    ],
)
def test_arrays_of_any_type_are_as_the_file(convert):
    picture = np.asarray(_picture())
    expected = squares.of_file(_file(_picture()), 0.1)
    found = squares.of_array(convert(picture), 0.1)
    assert found.place == expected.place
    np.testing.assert_allclose(found.ink, expected.ink, atol=1e-6)


@pytest.mark.parametrize("factor", [1.0 + 1e-6, 1.0005])
def test_shares_may_be_rounded(factor):
    picture = np.asarray(_picture()) / 255.0
    expected = squares.of_array(picture, 0.1)
    for wrong in (factor * picture, picture - (factor - 1.0)):
        found = squares.of_array(wrong.astype(np.float32), 0.1)
        np.testing.assert_allclose(found.ink, expected.ink, atol=0.01)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.eye(4) * 1.02, "0 to 255, got 0.0 to 1.02"),
        (np.eye(4) * 1.3 - 0.1, "0 to 255, got -0.1 to 1.2"),
        (np.eye(4) - 0.1, "0 to 255, got -0.1 to 0.9"),
        (np.zeros([4]), r"C from 1 to 4, got \[4\] of float64"),
        (np.zeros([4, 4, 5]), "got .4, 4, 5. of float64"),
        (np.zeros([0, 4]), "got .0, 4. of float64"),
        (np.array([["a", "b"]]), "of <U1; convert"),
        (np.full([4, 4], np.nan), "from 0 to 255, got nan to nan"),
        (np.full([4, 4], -1.0), "got -1.0 to -1.0"),
        (np.full([4, 4], 300), "got 300 to 300"),
        (np.eye(4, dtype=int), "got none above 1; if 1 is white, give bool"),
        (np.eye(4, dtype=np.uint8), "got none above 1"),
        (np.full([4, 4], np.inf), "got inf to inf"),
    ],
)
def test_other_arrays_are_refused(array, message):
    with pytest.raises(ValueError, match=message):
        squares.of_array(array)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_arrays_of_cameras_are_as_the_file(bits):
    deep = np.asarray(_picture()).astype(np.uint16) << (bits - 8)
    expected = squares.of_file(_file(Image.fromarray(deep)), 0.1)
    found = squares.of_array(deep, 0.1)
    assert found.ink.any() and found.place == expected.place
    np.testing.assert_array_equal(found.ink, expected.ink)
    in_colours = squares.of_array(np.stack([deep] * 3, -1), 0.1)
    np.testing.assert_array_equal(in_colours.ink, expected.ink)


@pytest.mark.parametrize("mode", ["1", "P", "L", "RGB", "CMYK", "I;16", "F"])
def test_pictures_of_pillow_are_as_the_file(mode):
    picture = _picture()
    expected = squares.of_array(np.asarray(picture) >= 128, 0.1)
    black_and_white = Image.fromarray(np.asarray(picture) >= 128)
    if mode == "I;16":
        deep = np.uint16(65_535) * np.asarray(black_and_white)
        found = squares.of_array(Image.fromarray(deep), 0.1)
    else:
        grey = black_and_white.convert("L")
        found = squares.of_array(grey.convert(mode), 0.1)
    assert found.place == expected.place
    np.testing.assert_allclose(found.ink, expected.ink, atol=1e-6)


def test_a_picture_may_be_one_pixel_wide():
    line = np.zeros([9, 1], np.uint8)
    line[4] = 255
    square = squares.of_array(line, 0.1)
    assert square.ink.ndim == 2
    assert square.ink.max() > 0.0


def test_a_damaged_file_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="cannot be decoded: .* as a PNG"):
        squares.of_file(_file(_picture())[:90])


@pytest.mark.parametrize("kind", ["clean", "thick stroke"])
@pytest.mark.parametrize("size", [28, 50])
def test_image_is_what_a_server_makes_of_the_ink(kind, size):
    square = squares.of_array(kinds.kinds()[kind], 0.1)
    image = squares.resized(square.ink, size)
    assert image.shape == (size, size)
    assert (image.min(), image.max()) == (0.0, 1.0)
    contents = _file(Image.fromarray(np.uint8(np.rint(255 * square.ink))))
    expected = server.read(tf.constant([contents]), size)[0, ..., 0]
    np.testing.assert_allclose(image, expected, atol=0.01)


def test_small_pictures_are_enlarged():
    image = squares.resized(np.eye(20, dtype=np.float32), 50)
    assert image.max() == 1.0
    np.testing.assert_allclose(image, image.T, atol=1e-6)


def test_longest_side_of_the_ink_is_bounded():
    line = _picture((12_000, 600), (600, 250, 11_400, 350))
    assert len(squares.of_file(_file(line)).ink) == paper.LONGEST


@pytest.mark.parametrize(("margin", "side"), [(0.0, 1), (0.04, 3), (1.0, 3)])
def test_a_dot_has_paper_around_it(margin, side):
    picture = np.full([28, 28], 255, np.uint8)
    picture[9, 9] = 0
    square = squares.of_array(picture, margin)
    assert square.ink.shape == (side, side)
    assert square.ink.sum() == 1.0
    assert square.place[2:] == (9 - side // 2, 9 - side // 2, side)
