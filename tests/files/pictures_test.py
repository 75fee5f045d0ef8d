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
