import numpy as np
import pytest

from tfdood import paper


def _picture(background, line):
    grey = np.full([8, 10, 1], background, np.float32)
    grey[3:5, 2:7] = line
    return grey


@pytest.mark.parametrize(
    ("background", "line", "most"),
    [(1.0, 0.0, 1.0), (0.0, 1.0, 1.0), (0.9, 0.2, 0.7), (0.1, 0.4, 0.3)],
)
def test_ink_is_what_differs_from_the_paper(background, line, most):
    ink = paper.ink(_picture(background, line)).numpy()
    expected = _picture(0.0, most)
    np.testing.assert_allclose(ink, expected, atol=1e-6)


def test_paper_of_several_pictures_is_judged_together():
    light, dark = _picture(1.0, 0.0), _picture(0.0, 1.0)
    assert paper.is_light(np.stack([light, light, dark]))
    assert not paper.is_light(np.stack([light, dark, dark]))


@pytest.mark.parametrize("tone", [0.1, 0.8])
def test_paper_behind_ink_has_the_other_tone(tone):
    alpha = _picture(0.0, 1.0)
    alpha[3, 2] = 0.25
    over = paper.over_paper(np.full_like(alpha, tone), alpha).numpy()
    background = 1.0 if tone < 0.5 else 0.0
    expected = alpha * tone + (1.0 - alpha) * background
    np.testing.assert_allclose(over, expected, atol=1e-6)
    assert bool(paper.is_light(over)) == (tone < 0.5)


def test_blank_picture_has_no_ink():
    for tone in (0.0, 0.3, 1.0):
        assert not np.any(paper.ink(np.full([5, 5, 1], tone, np.float32)))
