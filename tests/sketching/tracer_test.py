import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.drawing import subjects
from tfdood.drawing import squares
from tfdood.sketching import preparing, tracer

_DRAWER = tracer.TracingDrawer()


def _drawn(draw, side=400, margin=_DRAWER.view.margin):
    """Draws what a function paints on a picture."""
    picture = Image.new("L", (side, side), 255)
    draw(ImageDraw.Draw(picture))
    square = squares.of_array(np.asarray(picture), margin)
    [found] = _DRAWER.draw([preparing.of_square(square, _DRAWER.view)])
    return found


def _near(points, expected):
    """The largest distance of points to the nearest expected one."""
    gaps = np.linalg.norm(points[:, np.newaxis] - expected, axis=-1)
    return gaps.min(1).max()


def test_a_corner_stays_sharp():
    corners = [(60, 60), (340, 60), (340, 300)]
    found = _drawn(lambda d: d.line(corners, fill=0, width=8, joint="curve"))
    [stroke] = found.strokes
    along = np.arange(0, 281)
    expected = np.concatenate(
        [
            np.stack([60 + along, np.full(281, 60)], -1),
            np.stack([np.full(241, 340), 60 + along[:241]], -1),
        ]
    )
    points = stroke.points()
    assert _near(points, expected) < 4.0
    assert _near(expected, points) < 6.0
    assert abs(stroke.width - 8.0) < 2.5


@pytest.mark.parametrize("side", [300, 1_000, 2_000])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_thin_lines_of_large_pictures_are_not_cut(side, width):
    corners = np.array([[0.1, 0.1], [0.3, 0.75], [0.55, 0.13]]) * side
    box = (np.array([0.6, 0.55, 0.9, 0.85]) * side).tolist()

    def paint(draw):
        draw.line(corners.ravel().tolist(), fill=0, width=width)
        draw.ellipse(box, outline=0, width=width)

    assert len(_drawn(paint, side).strokes) == 2


@pytest.mark.parametrize("width", [2, 3, 4])
def test_thin_lines_beside_wide_ones_are_not_cut(width):
    def paint(draw):
        draw.line([100, 1_100, 1_100, 1_100], fill=0, width=16)
        draw.line([100, 100, 700, 900], fill=0, width=width)
        draw.ellipse([700, 100, 1_100, 500], outline=0, width=width)

    strokes = _drawn(paint, 1_200).strokes
    assert len(strokes) == 3
    widths = sorted(stroke.width for stroke in strokes)
    np.testing.assert_allclose(widths, [width, width, 16], atol=2.5)


@pytest.mark.parametrize(("side", "width"), [(512, 2), (1_000, 3), (2_000, 4)])
def test_thin_lines_near_each_other_stay_apart(side, width):
    radii = side * np.linspace(0.2, 0.36, 10)

    def paint(draw):
        for radius in radii:
            box = [side / 2 - radius] * 2 + [side / 2 + radius] * 2
            draw.ellipse(box, outline=0, width=width)

    assert len(_drawn(paint, side).strokes) == 10


_ENDS = (0.9, 0.3), (0.8, 0.9), (0.2, 0.8)


@pytest.mark.parametrize(
    ("side", "width", "end"),
    [
        (side, width, _ENDS[(i + j) % 3])
        for i, side in enumerate((250, 400, 800, 2_000))
        for j, width in enumerate((2, 3, 5, 8, 12))
    ],
)
def test_strokes_are_as_wide_as_lines(side, width, end):
    # Pillow's slanted lines of a few pixels are up to one too thin.
    large = Image.new("L", (4 * side, 4 * side), 255)
    ends = [4 * side * place for place in (0.1, 0.2, *end)]
    ImageDraw.Draw(large).line(ends, fill=0, width=4 * width)
    picture = np.asarray(large.resize((side, side), Image.Resampling.BOX))
    square = squares.of_array(picture, _DRAWER.view.margin)
    [found] = _DRAWER.draw([preparing.of_square(square, _DRAWER.view)])
    [stroke] = found.strokes
    # Ink is sought in pictures of at most 512 pixels.
    assert abs(stroke.width - width) < 1.1 * max(side / 512, 1.0)


def test_pale_lines_beside_dark_ones_have_their_place_and_width():
    def paint(draw):
        draw.line([50, 100, 350, 100], fill=0, width=12)
        draw.line([50, 300, 350, 300], fill=150, width=12)

    dark, pale = _drawn(paint).strokes
    for stroke, y in ((dark, 100.0), (pale, 300.0)):
        np.testing.assert_allclose(stroke.points()[:, 1], y, atol=3.0)
        assert abs(stroke.width - 12.0) < 4.0


def test_rings_and_dots_have_their_place_and_width():
    def paint(draw):
        draw.ellipse([50, 50, 350, 350], outline=0, width=10)
        draw.ellipse([180, 180, 220, 220], fill=0)

    ring, dot = _drawn(paint).strokes
    points = ring.points()
    radii = np.linalg.norm(points - 200.0, axis=-1)
    np.testing.assert_allclose(radii, 145.0, atol=3.0)
    np.testing.assert_allclose(points[0], points[-1])
    assert abs(ring.width - 10.0) < 3.0
    np.testing.assert_allclose(dot.points().mean(0), [200, 200], atol=2.0)
    assert abs(dot.width - 40.0) < 8.0


@pytest.mark.parametrize("radius", [10, 15, 20, 30])
def test_small_rings_are_round(radius):
    middle = np.array([160, 240])
    box = [*(middle - radius - 2), *(middle + radius + 2)]

    def paint(draw):
        draw.line([40, 40, 360, 40], fill=0, width=4)
        draw.line([40, 360, 360, 360], fill=0, width=4)
        draw.ellipse(box, outline=0, width=4)

    _, ring, _ = _drawn(paint).strokes
    radii = np.linalg.norm(ring.points() - middle, axis=-1)
    np.testing.assert_allclose(radii, radius, atol=2.0)


def test_ink_at_the_border_has_the_width_of_other_ink():
    def paint(draw):
        draw.rectangle([100, 100, 300, 300], fill=0)

    inner, outer = (
        max(stroke.width for stroke in _drawn(paint, margin=margin).strokes)
        for margin in (0.2, 0.0)
    )
    assert outer == pytest.approx(inner, rel=0.1)


@pytest.mark.parametrize("count", [3, 15])
def test_there_is_no_largest_number_of_strokes(count):
    def paint(draw):
        for number in range(count):
            y = 40 + 320 * number // count
            draw.line([(50, y), (150 + 10 * number, y)], fill=0, width=4)

    found = _drawn(paint)
    assert len(found.strokes) == count
    assert all(stroke.curves.shape == (1, 4, 2) for stroke in found.strokes)
    starts = [stroke.curves[0, 0, 1] for stroke in found.strokes]
    assert starts == sorted(starts)


def test_curves_of_a_stroke_meet():
    def paint(draw):
        draw.arc([50, 50, 350, 350], 10, 300, fill=0, width=6)
        draw.rectangle([150, 150, 250, 250], outline=0, width=6)

    for stroke in _drawn(paint).strokes:
        assert len(stroke.curves) > 1
        ends = stroke.curves[:-1, -1], stroke.curves[1:, 0]
        np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize(
    ("name", "expected"),
    # Walls with the roof, door, window; lenses, bridge, temples; and so on.
    [("house", 3), ("glasses", 5), ("smiley", 4), ("cat", 13)],
)
def test_shapes_that_people_draw_stay_apart(name, expected):
    picture = subjects.ALL[name]()
    square = squares.of_array(picture, _DRAWER.view.margin)
    [found] = _DRAWER.draw([preparing.of_square(square, _DRAWER.view)])
    assert len(found.strokes) == expected
    ink = np.argwhere(picture < 64)[::7, ::-1] + 0.5
    gaps = [
        np.linalg.norm(ink[:, np.newaxis] - stroke.points(2.0), axis=-1).min(1)
        - 0.5 * stroke.width
        for stroke in found.strokes
    ]
    assert np.quantile(np.min(gaps, 0), 0.99) < 4.0  # of 400 pixels
