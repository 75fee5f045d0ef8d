import numpy as np
import pytest

from tfdood.figures import overlays, palette


def test_an_image_without_curves_is_enlarged_only():
    image = np.linspace(0.0, 1.0, 2500).reshape(50, 50, 1)
    tile = overlays.overlay(image)
    assert tile.shape == (150, 150, 3)
    np.testing.assert_allclose(tile[1::3, 1::3], image.repeat(3, 2), atol=1e-2)


def test_curves_are_drawn_in_place_with_colours_taken_in_turn():
    lines = [
        np.array([[0.1, height], [0.9, height]]) for height in (0.2, 0.5, 0.8)
    ]
    colours = ["#ff0000", "#00ff00"]
    tile = overlays.overlay(np.ones([50, 50, 1]), lines, colours)
    for row, colour in ((30, 0), (75, 1), (120, 0)):
        np.testing.assert_allclose(tile[row, 75], palette.rgb(colours[colour]))
    assert tile[50, 75].max() < 0.5  # the image behind them is dimmed


@pytest.mark.parametrize(
    ("is_dimmed", "brightness"), [(True, 0.35), (False, 1)]
)
def test_the_image_below_curves_is_dimmed_if_asked(is_dimmed, brightness):
    line = np.array([[0.1, 0.2], [0.9, 0.2]])
    tile = overlays.overlay(np.ones([50, 50, 1]), [line], is_dimmed=is_dimmed)
    np.testing.assert_allclose(tile[100], brightness, atol=1 / 255)


def test_an_overlay_of_an_overlay_is_the_same():
    image = np.random.default_rng(0).random([50, 50, 1])
    tile = overlays.overlay(image)
    # Both are multiples of 1 / 255.
    np.testing.assert_allclose(overlays.overlay(tile), tile, atol=1e-9)


def test_a_dot_marks_the_start_of_a_curve():
    line = np.array([[0.2, 0.5], [0.8, 0.5]])
    tile = overlays.overlay(np.zeros([50, 50, 1]), [line])
    is_ink = tile.max(-1) > 0
    assert is_ink[:, 30].sum() == 7
    assert is_ink[:, 100].sum() < 4


def test_text_is_written_at_the_bottom():
    tile = overlays.overlay(np.zeros([50, 50, 1]), text="1,234")
    assert tile[:130].max() == 0.0
    assert tile[136:].max() > 0.5
