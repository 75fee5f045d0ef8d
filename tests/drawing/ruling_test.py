import numpy as np
import pytest

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import ruling


def _far(picture):
    return 255 - picture


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("angle", [0, 2, -4])
@pytest.mark.parametrize("turned", [False, True])
def test_ink_is_stronger_than_lines(squared, angle, turned):
    picture = kinds.ruled(kinds.ring(255, 20), 200, 12, squared, angle)
    far = _far(picture.T if turned else picture)
    assert 45 < ruling.strength(far, 12.0) < 130


@pytest.mark.parametrize("spacing", [8, 20, 30])
def test_strength_of_lines_is_measured(spacing):
    far = _far(kinds.ruled(kinds.blank(), 195, spacing))
    np.testing.assert_allclose(ruling.strength(far, 12.0), 1.3 * 60)


@pytest.mark.parametrize("period", [2, 4, 6])
def test_lines_that_alternate_between_rows_are_measured_or_none(period):
    far = np.zeros([256, 256], np.uint8)
    x = np.arange(256)
    for row in range(20, 240, 24):
        far[row + np.where(x % period < period // 2, 1, -1), x] = 255
    strength = ruling.strength(far, 12.0)
    assert strength == 0.0 or strength > 200.0


@pytest.mark.parametrize(
    "picture",
    [
        kinds.blank(),
        kinds.ring(255, 0),
        kinds.disc(),
        kinds.framed(kinds.blank()),
        kinds.ruled(kinds.blank(), spacing=60),  # three lines
        kinds.noisy(kinds.blank(), 10.0),
    ],
)
def test_other_pictures_have_no_lines(picture):
    assert ruling.strength(_far(picture), 12.0) == 0.0


def test_bars_are_no_lines():
    picture = kinds.blank()
    for left in range(10, 190, 30):
        picture[:, left : left + 12] = 0
    assert ruling.strength(_far(picture), 12.0) == 0.0
