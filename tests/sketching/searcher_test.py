import numpy as np
import pytest

from tests.parsing import searched_test
from tfdood.drawing import line_width
from tfdood.drawing.squares import Place
from tfdood.parsing import searched
from tfdood.sketching import drawers, searcher, tracer
from tfdood.sketching.preparing import Prepared, View

_PLACE = Place(220, 230, 5, 10, 210)  # Twice the size of the image.


def _drawer(prior):
    parser = searched.Searched(prior, searched_test.MOST, num_parses=3)
    view = View(searched_test.SIZE, 0.2, levels=tracer.LEVELS)
    return searcher.SearchingDrawer(parser, view)


def _drawn(drawer, *images):
    return drawer.draw([_prepared(image) for image in images])


def _prepared(image):
    half_widths = line_width.half_widths(
        image[..., 0], len(image), tracer.LEVELS
    )
    return Prepared(image, _PLACE, half_widths=half_widths)


def test_strokes_have_the_order_of_the_prior_and_the_place_of_the_picture():
    drawer = _drawer(searched_test.Prior())
    cross, empty = _drawn(drawer, searched_test.CROSS, searched_test.EMPTY)
    assert empty.strokes == ()
    assert (cross.width, cross.height, cross.unexplained) == (220, 230, 0.0)
    # The prior likes strokes that start at the left, and end at the right.
    first, second = (stroke.points() for stroke in cross.strokes)
    assert first[0, 0] < first[-1, 0]
    np.testing.assert_allclose(first[[0, -1]], [[46, 111], [166, 111]], atol=4)
    ends = second[second[:, 1].argsort()][[0, -1]]
    np.testing.assert_allclose(ends, [[106, 49], [106, 169]], atol=4)
    for stroke in cross.strokes:
        assert 4.0 < stroke.width <= 8.0


def test_a_drawing_does_not_depend_on_the_others():
    """A parser seeds the walks of an image by its place among others."""

    class Recording(searched.Searched):
        def parse(self, images, seed):
            asked.append((len(images), seed.first))
            return super().parse(images, seed)

    asked = []
    parser = Recording(searched_test.Prior(), searched_test.MOST)
    drawer = searcher.SearchingDrawer(parser, _drawer(None).view)
    assert len(_drawn(drawer, *[searched_test.LINE] * 2)) == 2
    assert asked == [(1, 0), (1, 0)]


def test_what_the_strokes_miss_is_said():
    class Blind(searched_test.Prior):
        def refit(self, images, **inputs):
            outputs = super().refit(images, **inputs)
            half = np.where(np.arange(images.shape[2])[:, None] < 50, 1.0, 0.0)
            return {**outputs, "canvas": images * half}

    [found] = _drawn(_drawer(Blind()), searched_test.LINE)
    assert 0.3 < found.unexplained < 0.7


def test_the_parse_with_the_most_probable_strokes_is_drawn():
    class LikesCorners(searched_test.Prior):
        def refit(self, images, type_points, **inputs):
            outputs = super().refit(images, type_points, **inputs)
            across = type_points.max(2) - type_points.min(2)  # [B, T, 2]
            return {**outputs, "log_likelihood": across.min(-1).max(-1)}

    for prior in (searched_test.Prior(), LikesCorners()):
        [found] = _drawn(_drawer(prior), searched_test.CROSS)
        points = found.strokes[0].points()
        assert np.ptp(points, 0).min() < 30


def test_a_model_without_a_prior_of_strokes_is_refused(exported_model):
    with pytest.raises(ValueError, match="needs a model that learned from the"):
        drawers.load(str(exported_model.path), "searched")
