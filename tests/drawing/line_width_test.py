import numpy as np
import pytest

from tfdood.drawing import line_width, squares


def _ring(width, size=80):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2.0
    return (np.abs(np.hypot(x, y) - size / 3.0) <= width / 2.0).astype(float)


@pytest.mark.parametrize("width", [1, 3, 5, 8])
def test_the_width_of_a_ring_is_found(width):
    np.testing.assert_allclose(
        line_width.measure(_ring(width)), width, atol=1.0
    )


@pytest.mark.parametrize("size", [20, 80, 200])
@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_lines_are_as_wide_in_smaller_images(width, size):
    ring, dot = _ring(width), np.zeros([80, 80])
    dot[38:42, 38:42] = 0.4
    found = line_width.half_widths(ring + dot, size, (0.5, 0.25))
    assert found.shape == (2, size, size)
    assert found.dtype == np.float32
    y, x = ((np.mgrid[:size, :size] + 0.5) * 80 / size).reshape(2, -1)
    on_ring = np.abs(np.hypot(x - 40, y - 40) - 80 / 3.0) < 0.5
    for level in found.reshape(2, -1):
        at = 2.0 * 80 * np.median(level[on_ring])
        np.testing.assert_allclose(at, width, atol=1.0)
    middle = 160 * found[:, size // 2, size // 2]
    np.testing.assert_allclose(middle, [0.0, 4.0], atol=1.0)


def test_an_empty_page_has_no_lines():
    blank = np.zeros([20, 20])
    assert line_width.measure(blank) == 0.0
    found = line_width.widen(blank, 9.0)
    assert found.growth == 0.0
    np.testing.assert_array_equal(found.ink, blank)


@pytest.mark.parametrize("least", [4.0, 6.0, 9.0])
def test_thin_lines_become_as_wide_as_asked(least):
    ring = _ring(2)
    found = line_width.widen(ring, least)
    np.testing.assert_allclose(
        found.growth, least - line_width.measure(ring), atol=1.0
    )
    np.testing.assert_allclose(line_width.measure(found.ink), least, atol=1.5)
    assert np.all(found.ink >= ring)


@pytest.mark.parametrize("least", [0.0, 2.0, 6.0])
def test_wide_lines_stay_as_they_are(least):
    ring = _ring(6)
    found = line_width.widen(ring, least)
    assert found.growth == 0.0
    np.testing.assert_array_equal(found.ink, ring)


def test_grey_ink_stays_as_grey():
    found = line_width.widen(0.7 * _ring(2), 6.0)
    assert set(np.unique(found.ink)) == {0.0, 0.7}


def test_lines_thinner_than_a_pixel_of_the_image_are_darkened():
    ink = np.zeros([80, 80], np.float32)
    ink[10, :] = 1.0
    ink[22, :] = 0.5
    ink[40:60, :] = 1.0
    image = squares.resized(ink, 20)
    found = line_width.darken_thin(image, ink)
    rows, before = found[:, 10], image[:, 10]
    np.testing.assert_array_equal(rows[8:], before[8:])
    assert before[:8].max() < 0.3
    assert 0.8 < rows[:4].max() <= 1.0
    np.testing.assert_allclose(rows[4:8].max(), 0.5 * rows[:4].max())
    assert np.all(found >= image)


def test_what_is_not_shrunk_is_not_darkened():
    ink = _ring(2)
    image = squares.resized(ink, len(ink))
    np.testing.assert_array_equal(line_width.darken_thin(image, ink), image)


def test_an_image_without_thin_lines_stays_as_it_is():
    ink = np.ones([80, 80], np.float32)
    image = squares.resized(ink, 20)
    np.testing.assert_array_equal(line_width.darken_thin(image, ink), image)
