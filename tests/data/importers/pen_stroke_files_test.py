import numpy as np
import pytest

from tfdood.data import pen_strokes
from tfdood.data.importers import pen_stroke_files


def _write_strokes(folder):
    """Two drawings of character 4, the first of them twice."""
    np.savez(
        folder / "omniglot_strokes_background.npz",
        points=np.array([[0, 0], [21, 42], [42, 84], [210, 105]], np.int16),
        unit=0.5,
        stroke_start=[0, 1, 3, 4],
        drawing_start=[0, 1, 2, 3],
        class_id=[4, 4, 4],
        drawer=[7, 7, 2],
        exact=[False, True, False],
    )


def _write_images(folder, drawers):
    np.savez(
        folder / "omniglot.npz",
        background_class_id=[4] * len(drawers),
        background_drawer=drawers,
        background_images_packed=np.repeat(np.c_[drawers], 1379, 1).astype(
            "u1"
        ),
    )


def test_no_strokes_need_no_images(tmp_path):
    assert pen_stroke_files.read(tmp_path) is None


def test_strokes_are_joined_with_their_images(tmp_path):
    _write_strokes(tmp_path)
    _write_images(tmp_path, [1, 2, 7])
    first, second = pen_stroke_files.read(tmp_path)
    assert (first.drawer, first.exact) == (7, True)  # the last copy
    assert (second.drawer, second.exact) == (2, False)
    np.testing.assert_allclose(first.strokes, [[[0.1, 0.2], [0.2, 0.4]]])
    np.testing.assert_allclose(second.strokes, [[[1.0, 0.5]]])
    for drawing in (first, second):
        assert set(drawing.packed_image) == {drawing.drawer}


def test_what_is_read_can_be_written_and_read_back(tmp_path):
    _write_strokes(tmp_path)
    _write_images(tmp_path, [2, 7])
    pen_strokes.write(pen_stroke_files.read(tmp_path), tmp_path)
    assert [d.drawer for d in pen_strokes.read(str(tmp_path))] == [2, 7]


def test_drawings_without_images_raise(tmp_path):
    _write_strokes(tmp_path)
    with pytest.raises(FileNotFoundError, match="No images of the drawings"):
        pen_stroke_files.read(tmp_path)
    _write_images(tmp_path, [1, 2])
    with pytest.raises(
        ValueError, match="1 of 2 drawings .* character 4 by drawer 7"
    ):
        pen_stroke_files.read(tmp_path)
