import numpy as np
from PIL import ImageColor

from tfdood.figures import overlays


def _colour(name):
    return np.array(ImageColor.getrgb(name)) / 255.0


def test_an_image_alone_is_itself_enlarged():
    image = np.linspace(0.0, 1.0, 2500).reshape(50, 50, 1)
    tile = overlays.overlay(image)
    assert tile.shape == (150, 150, 3)
    np.testing.assert_allclose(tile[1::3, 1::3], image.repeat(3, 2), atol=1e-2)


def test_curves_take_their_colours_in_turn_and_lie_where_they_are():
    lines = [
        np.array([[0.1, height], [0.9, height]]) for height in (0.2, 0.5, 0.8)
    ]
    colours = ["#ff0000", "#00ff00"]
    tile = overlays.overlay(np.ones([50, 50, 1]), lines, colours)
    for row, colour in ((30, 0), (75, 1), (120, 0)):
        np.testing.assert_allclose(tile[row, 75], _colour(colours[colour]))
    assert tile[50, 75].max() < 0.5  # the image behind them is dimmed


def test_a_dot_says_where_a_curve_starts():
    line = np.array([[0.2, 0.5], [0.8, 0.5]])
    tile = overlays.overlay(np.zeros([50, 50, 1]), [line])
    is_ink = tile.max(-1) > 0
    assert is_ink[:, 30].sum() == 7
    assert is_ink[:, 100].sum() < 4


def test_text_stands_at_the_bottom():
    tile = overlays.overlay(np.zeros([50, 50, 1]), text="1,234")
    assert tile[:130].max() == 0.0
    assert tile[136:].max() > 0.5
