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
