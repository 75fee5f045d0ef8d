import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw

from export import uploads


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
def test_crop_is_a_square_of_ink_and_margin(mode, paper, ink, kind):
    contents = uploads.prepare(_encoded(mode, paper, ink, kind), 0.1)
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


def test_opaque_pixels_are_ink():
    contents = uploads.prepare(
        _encoded("RGBA", (0, 0, 0, 0), (9, 9, 9, 255)), 0
    )
    alpha = np.asarray(_opened(contents).getchannel("A"))
    assert alpha.shape == (60, 60)
    np.testing.assert_array_equal(alpha[:15], 0)
    np.testing.assert_array_equal(alpha[15:45], 255)


def test_blank_picture_is_not_changed():
    blank = _opened(uploads.prepare(_encoded("L", 255, 255), 0.1))
    assert blank.size == (400, 300)
    assert blank.convert("L").getextrema() == (255, 255)


def test_upright_small_picture_is_not_changed():
    contents = _encoded("L", 255, 0)
    assert uploads.prepare(contents) is contents


def test_pictures_of_16_bits_are_cropped():
    values = np.full([300, 400], 60_000, np.uint16)
    values[200:230, 20:80] = 20_000
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    cut = np.asarray(_opened(uploads.prepare(buffer.getvalue(), 0.0)))
    assert cut.shape == (60, 60, 4)
    assert set(np.unique(cut[15:45, :, 0])) == {20_000 // 257}


@pytest.mark.parametrize("margin", [None, 0.0])
def test_photographs_are_rotated_upright(margin):
    values = np.full([30, 60], 255, np.uint8)
    values[:10, :20] = 0  # a dark corner
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the camera lay on its left side
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG", exif=exif)
    upright = _opened(uploads.prepare(buffer.getvalue(), margin))
    grey = np.asarray(upright.convert("L"))
    assert upright.getexif().get(ExifTags.Base.Orientation, 1) == 1
    if margin is None:
        assert grey.shape == (60, 30)
        np.testing.assert_array_equal(grey[:20, 20:], 0)
        assert np.all(grey[:, :20] == 255)
    else:
        assert grey.shape == (20, 20)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("margin", [None, 0.2])
def test_long_pictures_are_shrunk(mode, margin):
    line = Image.new("L", (12_000, 60), 255)
    ImageDraw.Draw(line).line([0, 30, 11_999, 30], fill=0, width=12)
    buffer = io.BytesIO()
    line.convert(mode).save(buffer, "PNG")
    sent = _opened(uploads.prepare(buffer.getvalue(), margin))
    assert max(sent.size) == 4_096
    assert sent.convert("L").getextrema()[0] < 30


@pytest.mark.parametrize("kept", [4, 30, 200])
def test_error_of_damaged_picture_is_one_sentence(kept):
    contents = _encoded("RGB", (255, 255, 255), (0, 0, 0), "JPEG")
    with pytest.raises(
        ValueError, match="cannot be decoded: .* again as a PNG"
    ):
        uploads.prepare(contents[:kept], 0.1)
