import numpy as np
import pytest
from PIL import Image

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import paper

_RING = kinds.ring(0, 1).astype(np.float32)
_DISC = kinds.disc(0, 1).astype(np.float32)
_TABLE = "sheet on a table"  # has another size


def _error(found, expected=_RING):
    """The error in shares of that of a blank page."""
    return np.abs(found - expected).mean() / expected.mean()


@pytest.mark.parametrize("kind", sorted(set(kinds.kinds()) - {_TABLE}))
def test_ring_is_the_only_ink(kind):
    expected = kinds.ring(0, 1, width=40) if kind == "thick stroke" else _RING
    found = paper.ink(kinds.kinds()[kind])
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    assert found.max() == 1.0
    if kind == "faint ring, dark dot":
        found[90:110, 90:110] = 0.0
    assert _error(found, expected) < 0.1


@pytest.mark.parametrize("kind", sorted(kinds.empty()))
def test_empty_sheet_has_no_ink(kind):
    assert not paper.ink(kinds.empty()[kind]).any()


def test_a_line_that_touches_a_table_is_ink():
    picture = np.full([400, 400], 255, np.uint8)
    picture[:, :30] = 70
    picture[386:391, 30:] = 0
    found = paper.ink(picture)
    assert found[388, 50:].mean() > 0.9
    assert found[:380].max() == 0.0


@pytest.mark.parametrize("side", [220, 230, 270])
@pytest.mark.parametrize("angle", [0, 4, -7])
@pytest.mark.parametrize("ink", [kinds.ring(255, 0), kinds.disc()])
def test_table_and_the_corners_of_a_sheet_are_not_ink(side, angle, ink):
    found = paper.ink(kinds.on_table(ink, angle=angle, side=side))
    rows, columns = (np.flatnonzero(found.any(a)) for a in (1, 0))
    # The drawing spans 120 pixels around the middle.
    for places in (rows, columns):
        assert abs(places[0] - (side // 2 - 60)) <= 3
        assert abs(places[-1] - (side // 2 + 59)) <= 3


@pytest.mark.parametrize(
    "picture",
    [
        kinds.disc(),
        kinds.disc(60, 200),
        kinds.ramp(kinds.disc(), 0.5),
        kinds.disc((105, 60, 160), (240, 220, 60), "RGB"),
        kinds.framed(kinds.disc()),
    ],
)
def test_filled_shape_is_ink(picture):
    assert _error(paper.ink(picture), _DISC) < 0.02


@pytest.mark.parametrize("width", [2, 8, 20, 40])
@pytest.mark.parametrize("least", [1.0, 0.75, 0.5])
def test_strokes_of_any_width_are_ink_in_uneven_light(width, least):
    picture = kinds.ramp(kinds.ring(255, 0, width=width), least)
    assert _error(paper.ink(picture), kinds.ring(0, 1, width=width)) < 0.02


@pytest.mark.parametrize("tone", [0, 60, 110])
@pytest.mark.parametrize("crossed", [False, True])
def test_dark_parallel_lines_are_ink(tone, crossed):
    picture = kinds.blank()
    picture[25:190:32, 15:185] = tone
    if crossed:
        picture[15:185, 25:190:32] = tone
    found = paper.ink(picture)
    np.testing.assert_array_equal(found, picture == tone)


@pytest.mark.parametrize("width", [3, 8, 40])
def test_stroke_is_ink_within_a_shadow(width):
    picture = kinds.shadow(kinds.ring(255, 0, width=width))
    assert _error(paper.ink(picture), kinds.ring(0, 1, width=width)) < 0.1


def test_polarity_does_not_matter():
    picture = kinds.noisy(kinds.ring(230, 60, 120), 2.0)
    np.testing.assert_allclose(
        paper.ink(picture), paper.ink(255 - picture), atol=0.35
    )
    assert np.array_equal(paper.ink(picture) > 0, paper.ink(255 - picture) > 0)


def test_ink_is_graded():
    shades = [240, 200, 120, 0]
    picture = kinds.blank()
    for i, shade in enumerate(shades):
        picture[30:170, 40 * i + 30 : 40 * i + 40] = shade
    found = paper.ink(picture)[100, 35::40][:4]
    np.testing.assert_array_equal(found > 0, [False, True, True, True])
    assert np.all(np.diff(found) > 0)


def test_white_drawing_on_black_of_28_pixels_keeps_its_shape():
    large = Image.fromarray(kinds.ring(0, 255, width=20))
    small = np.asarray(large.resize((28, 28), Image.Resampling.BOX))
    assert np.abs(paper.ink(small) - small / 255.0).mean() < 0.02


def test_drawing_may_touch_a_side():
    picture = np.full([28, 28], 0, np.uint8)
    picture[2:26, 0:2] = 255  # most of the left side
    picture[8:10, :20] = picture[18:20, :20] = 255
    np.testing.assert_array_equal(paper.ink(picture), picture / 255.0)


@pytest.mark.parametrize("side", [60, 100])
def test_corner_of_a_table_is_not_ink(side):
    picture = kinds.ring(255, 0).copy()
    y, x = np.mgrid[: kinds.SIDE, : kinds.SIDE]
    picture[(x + 1.3 * y) < side] = 60
    assert _error(paper.ink(picture)) < 0.02


@pytest.mark.parametrize("width", [8, 12, 20])
def test_lines_into_the_corners_are_ink(width):
    y, x = np.mgrid[:200, :200]
    is_ink = np.minimum(abs(x - y), abs(x + y - 199)) < width / 2**0.5
    found = paper.ink(np.where(is_ink, 0, 255).astype(np.uint8))
    assert _error(found, is_ink.astype(np.float32)) < 0.02


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 5), (600, 3), (5, 5)])
def test_pictures_of_any_size_are_read(shape):
    picture = np.full(shape, 255, np.uint8)
    assert not paper.ink(picture).any()
    picture[shape[0] // 2, shape[1] // 2] = 0
    assert paper.ink(picture).shape == shape


def test_wholly_transparent_picture_has_no_ink():
    assert not paper.ink(kinds.with_alpha(kinds.ring(255, 0), 0)).any()


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros([4, 4]),
        np.zeros([4, 4, 5], np.uint8),
        np.zeros([0, 4], np.uint8),
        np.zeros([2, 4, 4, 3], np.uint8),
    ],
)
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ValueError, match="A picture is .* got"):
        paper.ink(wrong)


def test_bounds_are_the_box_around_the_ink():
    found = np.zeros([90, 120], np.float32)
    found[40:70, 10:50] = 0.5
    assert paper.bounds(found) == (40, 10, 30, 40)
    found[:] = 0.0
    assert paper.bounds(found) is None


@pytest.mark.parametrize("kind", ["faint ring, dark dot", "one dark pixel"])
def test_bounds_are_those_of_the_ring(kind):
    found = paper.ink(kinds.kinds()[kind])
    assert paper.bounds(found) == (40, 40, 121, 121)
