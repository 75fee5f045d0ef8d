import numpy as np
import pytest
from PIL import Image

import tfdood
from tests.drawing import pictures_of_drawings as kinds
from tfdood.sketching import draw, searcher, tracer
from tfdood.sketching.preparing import View
from tfdood.vectors.drawing import VectorDrawing
from tfdood.vectors.pen_strokes import PenStroke


class _Line:
    """Draws one straight stroke, from the left to the right of the image."""

    def __init__(self):
        self.view = View(10, 0.0)
        self.batches = []

    def draw(self, prepared):
        self.batches.append(len(prepared))
        drawings = []
        for image, place, *_ in prepared:
            assert image.shape == (10, 10, 1)
            middle = place.top + place.side / 2.0
            ends = place.left, place.left + place.side
            curve = np.array([[[x, middle] for x in ends]])
            stroke = PenStroke(curve, 1.0)
            drawings.append(VectorDrawing((stroke,), *place[:2]))
        return drawings


@pytest.fixture
def line(monkeypatch):
    drawer = _Line()
    monkeypatch.setattr(draw, "_loaded", lambda model, parser: drawer)
    return drawer


def _wide():
    picture = np.full([100, 300], 255, np.uint8)
    picture[40:60, 50:250] = 0
    return picture


@pytest.mark.parametrize("kind", ["path", "text", "array", "pillow"])
def test_strokes_lie_in_the_place_of_the_ink(line, tmp_path, kind):
    path = tmp_path / "wide.png"
    Image.fromarray(_wide()).save(path)
    picture = {
        "path": path,
        "text": str(path),
        "array": _wide() / 255.0,
        "pillow": Image.fromarray(_wide()).convert("RGB"),
    }[kind]
    found = tfdood.draw(picture)
    assert (found.width, found.height) == (300, 100)
    [stroke] = found.strokes
    np.testing.assert_allclose(stroke.curves[0], [[50, 50], [250, 50]])


def test_margin_is_that_of_the_model_or_given(line):
    line.view = View(10, 0.1)
    for margin, length in ((None, 240), (0.0, 200), (0.25, 300)):
        [stroke] = draw.draw(_wide(), margin=margin).strokes
        found = stroke.curves[0, -1, 0] - stroke.curves[0, 0, 0]
        np.testing.assert_allclose(found, length)


@pytest.mark.parametrize("margin", [-0.1, 1.5, np.nan])
def test_margins_out_of_range_are_refused(line, margin):
    with pytest.raises(ValueError, match=r"margin is in \[0, 1\], got"):
        draw.draw(_wide(), margin=margin)


def test_a_folder_of_a_model_may_be_a_path(line, tmp_path, monkeypatch):
    models = []
    monkeypatch.setattr(
        draw, "_loaded", lambda model, parser: models.append(model) or line
    )
    draw.draw(_wide(), model=tmp_path)
    draw.draw(_wide())
    assert models == [str(tmp_path), None]


def test_a_blank_picture_has_no_strokes(line):
    found = draw.draw(kinds.blank())
    assert found == VectorDrawing((), 200, 200, 0.0)
    assert not line.batches


def test_files_are_drawn_in_batches_and_in_order(line, tmp_path, monkeypatch):
    monkeypatch.setattr(draw, "_BATCH", 3)
    paths = [tmp_path / f"{number}.png" for number in range(7)]
    for number, path in enumerate(paths):
        Image.fromarray(_wide()[:, : 260 + number]).save(path)
    for number in (1, 3, 4, 5):
        paths[number].write_bytes(b"text")
    found = list(draw.files(paths, line, line.view))
    widths = [getattr(one, "width", None) for one in found]
    assert widths == [260, None, 262, None, None, None, 266]
    assert "it is none of PNG, JPEG, WEBP, GIF, BMP, TIFF" in found[1]
    assert line.batches == [2, 1]


def test_files_are_traced_as_arrays_are(tmp_path):
    paths = [tmp_path / "ring.png", tmp_path / "blank.png"]
    pictures = kinds.ring(255, 0), kinds.blank()
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path)
    drawer = tracer.TracingDrawer()
    found, reason = draw.files(paths, drawer, drawer.view)
    assert reason.startswith("it has no ink")
    expected = tfdood.draw(kinds.ring(255, 0))
    [stroke], [of_array] = found.strokes, expected.strokes
    np.testing.assert_array_equal(stroke.curves, of_array.curves)


def test_a_missing_file_is_named(line):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png"):
        draw.draw("nowhere.png")


def test_a_search_gives_each_drawing_when_it_is_finished(line, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        Image.fromarray(_wide()).save(path)

    class Search(searcher.SearchingDrawer):
        def draw(self, prepared):
            return line.draw(prepared)

    found = draw.files(paths, Search(None, line.view), line.view)
    assert next(found).width == 300
    assert line.batches == [1]
