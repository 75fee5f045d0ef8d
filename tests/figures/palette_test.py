import numpy as np
import pytest
from PIL import ImageColor

from tfdood.figures import palette


@pytest.mark.parametrize(
    "colour", [*palette.STROKES, palette.BACKGROUND, palette.TEXT]
)
def test_rgb_agrees_with_pillow(colour):
    np.testing.assert_allclose(
        255.0 * palette.rgb(colour), ImageColor.getrgb(colour)
    )


def test_colours_of_strokes_are_taken_in_turn():
    count = len(palette.STROKES)
    taken = [palette.stroke(number) for number in range(2 * count)]
    assert taken == [*palette.STROKES, *palette.STROKES]
    assert len(set(taken)) == count
