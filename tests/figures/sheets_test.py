from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from tfdood import figures
from tfdood.figures import palette
from tfdood.types import Codes, Drawing, Pen, Strokes

_TILE, _GAP, _TITLE = 150, 6, 18


def _drawing(num_drawings: int, num_present: int) -> Drawing:
    """Up to three strokes on a 50 x 50 canvas, each a line to the right."""
    batch, num_strokes = [num_drawings], 3
    presence = np.broadcast_to(np.arange(3) < num_present, [*batch, 3])
    layout = np.zeros([*batch, num_strokes, 4], np.float32)
    layout[..., 2] = 0.5
    points = np.full([*batch, num_strokes, 5, 2], 0.5, np.float32)
    points[..., 0] = np.linspace(0.0, 1.0, 5)
    canvases = np.zeros([*batch, num_strokes, 50, 50, 1], np.float32)
    canvases[:, :, 0, 0] = 1.0
    return Drawing(
        Strokes(presence.astype(np.float32), layout, points),
        Pen(np.ones([*batch, 3]), np.ones([*batch, 3]), np.ones(batch)),
        canvases,
    )


def test_curves_are_placed_by_their_layout():
    curves = figures.stroke_curves(_drawing(2, 3).strokes)
    assert curves.shape == (2, 3, 100, 2)
    np.testing.assert_allclose(curves[0, 0, 0], [0.25, 0.5], atol=1e-6)
    np.testing.assert_allclose(curves[0, 0, -1], [0.75, 0.5], atol=1e-6)


def test_frames_are_placed_by_their_layout(tmp_path):
    drawing = _drawing(2, 3)
    frames = figures.stroke_frames(drawing.strokes.layout)
    assert frames.shape == (2, 3, 5, 2)
    expected = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
    np.testing.assert_allclose(frames[1, 2, :4], expected, atol=1e-6)
    images = np.zeros([2, 50, 50, 1], np.float32)
    strokes = drawing.strokes
    codes = Codes(strokes.presence, strokes.layout, np.zeros([2, 3, 4]))
    of_codes = drawing._replace(strokes=codes)
    sheets = [
        figures.reconstructions(images, kind, tmp_path / "a.png")
        for kind in (drawing, of_codes)
    ]
    assert not np.array_equal(*sheets)


@pytest.mark.parametrize("num_present", [1, 2, 3])
def test_each_stroke_that_is_present_has_a_row(tmp_path, num_present):
    images = np.zeros([4, 50, 50, 1], np.float32)
    path = tmp_path / "sheet.png"
    figure = figures.reconstructions(images, _drawing(4, num_present), path)
    height = (num_present + 2) * (_TILE + _GAP + _TITLE) + _GAP
    assert figure.shape == (height, 4 * (_TILE + _GAP) + _GAP, 3)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), figure)


def test_drawings_without_strokes_have_one_empty_row(tmp_path):
    images = np.zeros([2, 50, 50, 1], np.float32)
    path = tmp_path / "sheet.png"
    figure = figures.reconstructions(images, _drawing(2, 0), path)
    height = 3 * (_TILE + _GAP + _TITLE) + _GAP
    assert figure.shape == (height, 2 * (_TILE + _GAP) + _GAP, 3)
    row = figure[height // 2 : height // 2 + 20]
    np.testing.assert_allclose(row, [[[48, 48, 56]] * row.shape[1]] * 20)


def test_the_newest_stroke_is_coloured_and_pixels_are_enlarged(tmp_path):
    images = np.zeros([1, 50, 50, 1], np.float32)
    figure = figures.reconstructions(
        images, _drawing(1, 1), tmp_path / "sheet.png"
    )
    top = _GAP + _TITLE + (_TILE + _GAP + _TITLE)
    tile = figure[top : top + _TILE, _GAP : _GAP + _TILE].astype(int)
    np.testing.assert_array_equal(tile[:3, :3], 255)
    np.testing.assert_array_equal(tile[3, :4], 0)
    is_coloured = np.ptp(tile, axis=-1) > 0
    rows, columns = np.nonzero(is_coloured)
    assert abs(rows.mean() - _TILE / 2) < 2
    assert columns.min() == pytest.approx(_TILE / 4, abs=5)
    assert columns.max() == pytest.approx(3 * _TILE / 4, abs=5)


@pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (7, (3, 3))])
def test_samples_fill_a_square(tmp_path, count, shape):
    figure = figures.samples(
        _drawing(count, 3).canvas, tmp_path / "samples.png"
    )
    height = shape[0] * (_TILE + _GAP) + _TITLE + _GAP
    assert figure.shape == (height, shape[1] * (_TILE + _GAP) + _GAP, 3)
    assert (tmp_path / "samples.png").exists()


def test_given_columns_of_a_sheet_are_set_apart(tmp_path):
    white, red = np.ones([50, 50, 1]), np.zeros([50, 50, 3])
    red[..., 0] = 1.0
    figure = figures.sheet(
        [[white, red, red], [white, None]],
        ["a title", ""],
        tmp_path / "sheet.png",
        num_given=1,
    )
    apart = 24
    assert figure.shape == (
        2 * (_TILE + _GAP) + _TITLE + _GAP,
        3 * (_TILE + _GAP) + _GAP + apart,
        3,
    )
    row = figure[_GAP + _TITLE + _TILE // 2]
    is_white = (row == 255).all(-1)
    is_red = (row == (255, 0, 0)).all(-1)
    np.testing.assert_array_equal(
        np.flatnonzero(is_white), _GAP + np.arange(_TILE)
    )
    assert is_red.sum() == 2 * _TILE
    assert np.flatnonzero(is_red)[0] == _GAP + _TILE + _GAP + apart


def test_new_ink_is_coloured_and_old_ink_is_not():
    before = np.zeros([4, 4, 1])
    before[0] = 0.5
    canvas = before.copy()
    canvas[1] = 1.0
    coloured = figures.highlighted(canvas, before)
    np.testing.assert_allclose(coloured[0], 0.5)
    np.testing.assert_allclose(coloured[1], [palette.rgb(palette.NEW_INK)] * 4)
    np.testing.assert_array_equal(coloured[2:], 0.0)


def test_strokes_have_the_colours_of_their_order_in_blocks_of_ten(tmp_path):
    images = np.zeros([12, 50, 50, 1], np.float32)
    upper, lower = (np.array([[0.1, y], [0.9, y]]) for y in (0.25, 0.75))
    figure = figures.stroke_orders(
        images,
        {"one": [[upper, lower]] * 12, "two": [[lower, upper]] * 12},
        tmp_path / "sheet.png",
    )
    height = _TILE + _GAP + _TITLE
    assert figure.shape == (6 * height + _GAP, 10 * (_TILE + _GAP) + _GAP, 3)

    def colours(row, column):
        """Of the upper and the lower stroke of a tile."""
        top = _GAP + row * height + _TITLE
        left = _GAP + column * (_TILE + _GAP) + _TILE // 2
        return [
            figure[top + round(y * _TILE), left] / 255 for y in (0.25, 0.75)
        ]

    first, second = (palette.rgb(palette.stroke(i)) for i in (0, 1))
    for row in (1, 4):
        np.testing.assert_allclose(colours(row, 1), [first, second])
        np.testing.assert_allclose(colours(row + 1, 1), [second, first])
    np.testing.assert_array_equal(colours(0, 1), 0.0)
    # The second block has two drawings.
    np.testing.assert_allclose(
        colours(4, 2), [palette.rgb(palette.BACKGROUND)] * 2
    )


class _Scene(NamedTuple):
    canvas: np.ndarray
    boxes: np.ndarray
    presence: np.ndarray


@pytest.mark.parametrize("channels", [1, 3])
def test_scenes_have_a_row_with_the_boxes_of_present_objects(
    tmp_path, channels
):
    canvas = np.zeros([2, 50, 50, channels], np.float32)
    boxes = np.float32([[0.2, 0.2, 0.4, 0.4], [0.6, 0.6, 0.9, 0.9]])
    scene = _Scene(canvas, np.stack([boxes] * 2), np.float32([[1, 0], [0, 0]]))
    figure = figures.reconstructions(canvas, scene, tmp_path / "a.png")
    height = _TILE + _GAP + _TITLE
    assert len(figure) == 3 * height + _GAP
    with_boxes = figure[2 * height + _GAP + _TITLE :][:_TILE]
    first, second = (with_boxes[:, x : x + _TILE] for x in (6, 6 + _TILE + 6))
    assert np.any(first[30, 40] > 0)  # the upper side of the first box
    assert not np.any(first[90:]) and not np.any(second)
