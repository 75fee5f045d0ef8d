import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import ExifTags, Image, ImageDraw

from export import uploads
from tests.drawing import pictures_of_drawings as kinds
from tfdood.data import folders
from tfdood.drawing import paper
from tfdood.saved import pictures as saved_pictures


def _encoded(mode, paper, ink, kind="PNG"):
    """A rectangle of 60 x 30 pixels, far from the middle."""
    picture = Image.new(mode, (400, 300), paper)
    ImageDraw.Draw(picture).rectangle([20, 200, 79, 229], fill=ink)
    return _saved(picture, kind)


def _saved(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _prepared(contents, margin=None):
    """The ink that is sent, `[H, W]`, from 0 to 255."""
    picture = Image.open(io.BytesIO(uploads.prepare(contents, margin)))
    assert (picture.format, picture.mode) == ("PNG", "L")
    return np.asarray(picture)


@pytest.mark.parametrize(
    ("mode", "paper", "ink", "kind"),
    [
        ("L", 255, 0, "PNG"),
        ("L", 0, 255, "PNG"),
        ("1", 1, 0, "PNG"),
        ("RGB", (250, 250, 240), (20, 20, 90), "PNG"),
        ("RGB", (105, 60, 160), (240, 220, 60), "PNG"),
        ("RGBA", (0, 0, 0, 0), (9, 9, 9, 255), "PNG"),
        ("RGB", (255, 255, 255), (0, 0, 0), "JPEG"),
        ("RGB", (255, 255, 255), (0, 0, 0), "WEBP"),
        ("L", 255, 0, "GIF"),
        ("RGB", (40, 120, 40), (200, 30, 30), "BMP"),
        ("L", 100, 20, "TIFF"),
    ],
)
def test_crop_is_a_square_of_ink_and_margin(mode, paper, ink, kind):
    found = _prepared(_encoded(mode, paper, ink, kind), 0.1)
    assert found.shape == (72, 72)
    rows, columns = (np.flatnonzero((found > 100).any(a)) for a in (1, 0))
    assert (rows[0], rows[-1]) == (21, 50)
    assert (columns[0], columns[-1]) == (6, 65)
    np.testing.assert_array_equal(found[:20], 0)


@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
def test_ink_is_sent_white_on_black(kind):
    picture = kinds.kinds()[kind]
    found = _prepared(_saved(Image.fromarray(picture)))
    np.testing.assert_allclose(
        found / 255.0, paper.ink(picture), atol=0.5 / 255.0 + 1e-6
    )


@pytest.mark.parametrize("kind", sorted(kinds.empty()))
def test_picture_without_ink_is_none(kind):
    contents = _saved(Image.fromarray(kinds.empty()[kind]))
    assert uploads.prepare(contents) is None
    assert uploads.prepare(contents, 0.1) is None


def test_ink_along_all_sides_gets_a_border():
    box = kinds.blank()
    box[40:160, 40:160] = 0
    box[60:140, 60:140] = 255
    found = _prepared(_saved(Image.fromarray(box)), 0.0)
    assert found.shape == (122, 122)
    assert not found[0].any()
    np.testing.assert_array_equal(found[1:21, 1:-1], 255)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("margin", [None, 0.0])
def test_pictures_of_more_bits_are_read(bits, margin):
    values = kinds.ring(250, 60).astype(np.uint16) << (bits - 8)
    found = _prepared(_saved(Image.fromarray(values)), margin)
    assert found.shape == ((200, 200) if margin is None else (121, 121))
    ring = kinds.ring(0, 255)
    if margin is not None:
        ring = ring[40:161, 40:161]
    np.testing.assert_array_equal(found > 128, ring > 128)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("margin", [None, 0.0])
def test_photographs_are_rotated_upright(kind, margin):
    values = np.full([200, 300], 255, np.uint8)
    values[20:60, 30:130] = 0  # upper left
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the camera lay on its left side
    found = _prepared(_saved(Image.fromarray(values), kind, exif=exif), margin)
    if margin is None:
        assert found.shape == (300, 300)
        expected = np.zeros([300, 300], bool)
        expected[30:130, 190:230] = True
        np.testing.assert_array_equal(found > 128, expected)
    else:
        assert found.shape == (100, 100)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("margin", [None, 0.2])
def test_long_pictures_are_shrunk(mode, margin):
    line = Image.new("L", (12_000, 600), 255)
    ImageDraw.Draw(line).line([600, 300, 11_400, 300], fill=0, width=120)
    found = _prepared(_saved(line.convert(mode)), margin)
    assert max(found.shape) <= 1.4 * paper.LONGEST
    assert found.max() == 255


@pytest.mark.parametrize("kept", [4, 30, 200])
def test_error_of_damaged_picture_is_one_sentence(kept):
    contents = _encoded("RGB", (255, 255, 255), (0, 0, 0), "JPEG")
    with pytest.raises(
        ValueError, match="cannot be decoded: .* again as a PNG"
    ):
        uploads.prepare(contents[:kept], 0.1)


def test_programs_are_not_decoded():
    with pytest.raises(
        ValueError, match="it is none of PNG, JPEG, WEBP, GIF, BMP, TIFF"
    ):
        uploads.prepare(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")


@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
def test_models_of_folders_see_pictures_as_they_learned_them(tmp_path, kind):
    contents = _saved(Image.fromarray(kinds.kinds()[kind]))
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(contents)
    learned = folders.read(tmp_path, "train", 50).images / 255.0
    sent = uploads.prepare(contents, folders.MARGIN)
    seen = saved_pictures.read(tf.constant([sent]), 50).numpy()
    np.testing.assert_allclose(learned, seen, atol=0.02)
