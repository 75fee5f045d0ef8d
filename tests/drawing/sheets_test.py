import numpy as np
import pytest

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import sheets

_SMALL = np.s_[np.newaxis, 1::2, 1::2]  # half the size, one channel


@pytest.mark.parametrize("least", [1.0, 0.5])
@pytest.mark.parametrize("width", [8, 40])
def test_paper_is_the_picture_without_its_drawing(least, width):
    drawn = kinds.ramp(kinds.ring(255, 0, width=width), least)[_SMALL]
    paper = kinds.ramp(kinds.blank(), least)[_SMALL]
    found = sheets.estimate(drawn)
    assert np.all(found.low <= found.high)
    np.testing.assert_allclose(found.low, paper, atol=6)
    np.testing.assert_allclose(found.high, paper, atol=6)


def test_paper_has_the_colours_of_sheet_and_table():
    found = sheets.estimate(kinds.on_table(kinds.disc())[_SMALL])
    assert found.low[0, 67, 67] > 250
    assert found.high[0, 2, 2] == 70
    corner = found.low[0, 15:30, 15:35], found.high[0, 15:30, 15:35]
    assert corner[0].min() == 70
    assert corner[1].max() > 250


def test_shadow_is_paper():
    shade = kinds.shadow(kinds.blank())[_SMALL].astype(int)
    found = sheets.estimate(kinds.shadow(kinds.ring(255, 0))[_SMALL])
    off = np.maximum(shade - found.high, found.low - shade)
    assert np.mean(off > 12) < 0.02


@pytest.mark.parametrize("deviation", [3.0, 30.0])
def test_deviation_of_noise_with_outliers(deviation):
    off = np.abs(np.random.default_rng(0).normal(0.0, deviation, 10_000))
    np.testing.assert_allclose(sheets.deviation(off), deviation, rtol=0.05)
    off[:3_000] = 1_000.0
    assert deviation < sheets.deviation(off) < 1.6 * deviation


def test_parts_along_a_side_or_in_a_corner():
    mask = np.zeros([20, 30], bool)
    mask[3:18, 0] = True  # three quarters of the left side
    mask[19, 5:20] = True  # half of the lower side
    mask[4:16, 10] = True  # touches none
    mask[0, 29] = mask[1, 28] = True  # neighbours in a corner
    labels = sheets.parts(mask)
    assert labels.max() == 4
    along = np.append(False, sheets.is_along(labels))[labels]
    expected = np.zeros_like(mask)
    expected[:, 0] = expected[:2, 28:] = mask[:, 0].any()
    np.testing.assert_array_equal(along, expected & mask)
    mask[:3, :4] = True  # an eighth of the upper side, joined to the left one
    mask[15:, 26:] = True  # in a corner: a quarter and an eighth of its sides
    labels = sheets.parts(mask)
    is_in = sheets.is_along(labels, 0.1)
    assert is_in[labels[19, 29] - 1] and not is_in[labels[0, 29] - 1]
    assert not sheets.is_along(labels, 0.2)[labels[19, 29] - 1]


def test_means_of_parts():
    labels = np.array([[0, 1, 1], [3, 3, 0]])
    values = np.array([[9.0, 1.0, 2.0], [4.0, 6.0, 9.0]])
    np.testing.assert_array_equal(sheets.means(values, labels, 3), [1.5, 0, 5])
