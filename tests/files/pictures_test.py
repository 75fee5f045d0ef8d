import io
import pathlib

import numpy as np
import pytest
from PIL import Image

from tfdood.files import pictures


def test_sixteen_bits_become_eight():
    values = np.array([[0, 257, 40_000, 65_535]], np.uint16)
    picture = pictures.eight_bits(Image.fromarray(values))
    assert picture.mode == "L"
    np.testing.assert_array_equal(np.asarray(picture), values // 257)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_other_pictures_are_kept(mode):
    picture = Image.new(mode, (3, 2))
    assert pictures.eight_bits(picture) is picture


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
        *(("a.txt", False), ("png", False), (".png", False), ("a.svg", False)),
    ],
)
def test_pictures_are_known_by_the_ending_of_their_names(name, expected):
    assert pictures.is_picture(pathlib.Path(name)) == expected


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_pictures_are_decoded_and_shrunk(kind):
    values = np.full([100, 200], 250, np.uint8)
    values[:50] = 10
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, kind)
    found = pictures.decode(buffer.getvalue(), 40)
    assert found.dtype == np.uint8
    assert found.shape[:2] == (20, 40)
    grey = found.reshape(20, 40, -1)[..., 0].astype(int)
    np.testing.assert_allclose(grey[:9], 10, atol=6)
    np.testing.assert_allclose(grey[11:], 250, atol=6)


@pytest.mark.parametrize("contents", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_damaged_pictures_raise_one_sentence(contents):
    with pytest.raises(ValueError, match="cannot be decoded: .* as a PNG"):
        pictures.decode(contents, 100)
