import io
import pathlib

import numpy as np
import pytest
from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

from tfdood.files import pictures


def test_sixteen_bits_become_eight():
    values = np.array([[0, 257, 40_000, 65_535]], np.uint16)
    picture = pictures.eight_bits(Image.fromarray(values), 16)
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), values // 257)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_other_pictures_are_kept(mode):
    picture = Image.new(mode, (3, 2))
    assert pictures.eight_bits(picture, 16) is picture


@pytest.mark.parametrize(
    ("most", "bits"),
    [(0, 8), (255, 8), (256, 10), (4_095, 12), (9_000, 14), (65_535, 16)],
)
def test_depth_holds_the_largest_value(most, bits):
    picture = Image.fromarray(np.array([[0, most]], np.uint16))
    assert pictures.depth(picture) == bits
    assert pictures.depth(picture.convert("I")) == bits


def test_twelve_bits_in_sixteen_become_eight():
    values = np.array([[0, 1_000, 4_095]], np.uint16)
    picture = pictures.eight_bits(Image.fromarray(values), 12)
    np.testing.assert_array_equal(picture, [[0, 62, 255]])


def test_other_pictures_have_eight_bits():
    assert pictures.depth(Image.new("RGB", (3, 2))) == 8


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("a.png", True), ("A.PNG", True), ("b.JPeG", True), ("c.tif", True)),
        *(("d.HEIC", True), ("d.heif", True), ("e.avif", True)),
        *(("a.txt", False), ("png", False), (".png", False), ("a.svg", False)),
    ],
)
def test_pictures_are_known_by_the_ending_of_their_names(name, expected):
    assert pictures.is_picture(pathlib.Path(name)) == expected


@pytest.mark.parametrize("kind", sorted({*pictures.FORMATS} - {"HEIF"}))
def test_pictures_are_decoded_and_shrunk(kind):
    values = np.full([100, 200], 250, np.uint8)
    values[:50] = 10
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, kind)
    found, *size = pictures.decode(buffer.getvalue(), 40)
    assert size == [200, 100]
    assert found.dtype == np.uint8
    assert found.shape[:2] == (20, 40)
    grey = found.reshape(20, 40, -1)[..., 0].astype(int)
    np.testing.assert_allclose(grey[:9], 10, atol=6)
    np.testing.assert_allclose(grey[11:], 250, atol=6)


def test_photographs_of_phones_are_decoded_upright():
    folder = pathlib.Path(__file__).parent
    found, *size = pictures.decode((folder / "halves.heic").read_bytes(), 40)
    assert size == [200, 100]
    assert found.shape == (20, 40, 3)
    np.testing.assert_allclose(found[:9], 10, atol=6)
    np.testing.assert_allclose(found[11:], 250, atol=6)
    turned, *size = pictures.decode((folder / "turned.heic").read_bytes(), 40)
    assert size == [100, 200]
    np.testing.assert_allclose(turned, np.rot90(found, -1), atol=6)


@pytest.mark.parametrize("size", [8, 60, 300, 450])
def test_half_of_a_photograph_of_a_phone_is_refused(size):
    contents = (pathlib.Path(__file__).parent / "halves.heic").read_bytes()
    with pytest.raises(ValueError, match="cannot be decoded: .* as a PNG"):
        pictures.decode(contents[:size], 40)


@pytest.mark.parametrize("contents", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_damaged_pictures_raise_one_sentence(contents):
    with pytest.raises(ValueError, match="cannot be decoded: .* as a PNG"):
        pictures.decode(contents, 100)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (TiffTags.ASCII, "6"),
        (TiffTags.UNDEFINED, b"\x06"),
        (TiffTags.SHORT, 0),
        (TiffTags.SHORT, 9),
        (TiffTags.DOUBLE, 3.5),
    ],
)
def test_orientations_that_do_not_exist_are_upright(kind, value):
    buffer = io.BytesIO()
    picture = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[ExifTags.Base.Orientation] = kind
    tags[ExifTags.Base.Orientation] = value
    picture.save(buffer, "TIFF", tiffinfo=tags)
    found, *size = pictures.decode(buffer.getvalue(), 10)
    assert size == [4, 3]
    np.testing.assert_array_equal(found, np.asarray(picture))


def test_pictures_with_damaged_metadata_are_upright():
    buffer = io.BytesIO()
    picture = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    picture.save(buffer, "PNG", exif=b"Exif\0\0garbage!")
    found, *size = pictures.decode(buffer.getvalue(), 10)
    assert size == [4, 3]
    np.testing.assert_array_equal(found, np.asarray(picture))
    with Image.open(buffer) as opened:
        found = pictures.upright(opened)
    np.testing.assert_array_equal(found, np.asarray(picture))


def test_half_of_a_picture_that_was_opened_is_refused():
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, [90, 90], np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    with (
        Image.open(io.BytesIO(buffer.getvalue()[:4000])) as opened,
        pytest.raises(ValueError, match="The picture cannot be decoded"),
    ):
        pictures.upright(opened)


def test_any_failure_of_the_decoder_is_one_sentence(monkeypatch):
    def fail(*_, **__):
        raise TypeError("required argument is not an integer")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(ValueError, match="decoded: required .* as a PNG"):
        pictures.decode(b"", 10)


def test_a_picture_that_is_too_large_is_to_be_made_smaller():
    buffer = io.BytesIO()
    Image.new("1", (20_000, 9_500)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="178,956,970 pixels. Make it smaller"):
        pictures.decode(buffer.getvalue(), 100)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 0.2, 0.4], [0, 51, 102]),
        ([0.0, 100.0, 200.0], [0, 128, 255]),
        ([np.nan, -1.0, np.inf], [0, 0, 0]),
    ],
)
def test_floats_become_eight_bits(values, expected):
    picture = Image.fromarray(np.array([values], np.float32))
    np.testing.assert_array_equal(pictures.shrink(picture, 9), [expected])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 2**29, 2**30], [0, 128, 255]),
        ([-5, 2**15, 2**16], [0, 128, 255]),
        ([0, 2**15, 2**16 - 1], [0, 127, 255]),
    ],
)
def test_thirty_two_bits_become_eight(values, expected):
    picture = Image.fromarray(np.array([values], np.int32))
    assert picture.mode == "I"
    np.testing.assert_array_equal(pictures.shrink(picture, 9), [expected])
