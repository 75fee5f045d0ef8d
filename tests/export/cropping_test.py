import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from export import cropping


def _encoded(mode, paper, ink, kind="PNG"):
    """A rectangle of 60 x 30 pixels, far from the middle."""
    picture = Image.new(mode, (400, 300), paper)
    ImageDraw.Draw(picture).rectangle([20, 200, 79, 229], fill=ink)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def _opened(contents):
    return Image.open(io.BytesIO(contents))


@pytest.mark.parametrize(
    ("mode", "paper", "ink", "kind"),
    [
        ("L", 255, 0, "PNG"),
        ("L", 0, 255, "PNG"),
        ("1", 1, 0, "PNG"),
        ("RGB", (250, 250, 240), (20, 20, 90), "PNG"),
        ("RGB", (255, 255, 255), (0, 0, 0), "JPEG"),
    ],
)
def test_ink_fills_the_square_but_for_the_margin(mode, paper, ink, kind):
    contents = cropping.crop(_encoded(mode, paper, ink, kind), 0.1)
    found = np.asarray(_opened(contents).convert("L"), np.float32)
    assert found.shape == (72, 72)
    differs = np.abs(found - found[0, 0]) > 60
    rows, columns = (
        np.flatnonzero(differs.any(1)),
        np.flatnonzero(differs.any(0)),
    )
    assert (rows[0], rows[-1]) == (21, 50)
    assert (columns[0], columns[-1]) == (6, 65)
    background = Image.new(mode, (1, 1), paper).convert("L").getpixel((0, 0))
    assert abs(found[0, 0] - background) <= 1


def test_what_is_opaque_is_ink():
    contents = cropping.crop(_encoded("RGBA", (0, 0, 0, 0), (9, 9, 9, 255)), 0)
    alpha = np.asarray(_opened(contents).getchannel("A"))
    assert alpha.shape == (60, 60)
    np.testing.assert_array_equal(alpha[:15], 0)
    np.testing.assert_array_equal(alpha[15:45], 255)


def test_a_blank_picture_stays_as_it_is():
    blank = _encoded("L", 255, 255)
    assert cropping.crop(blank, 0.1) == blank


@pytest.mark.parametrize("kept", [4, 30, 200])
def test_a_damaged_picture_is_one_sentence(kept):
    contents = _encoded("RGB", (255, 255, 255), (0, 0, 0), "JPEG")
    with pytest.raises(ValueError, match="cannot be decoded: .* again as PNG"):
        cropping.crop(contents[:kept], 0.1)
