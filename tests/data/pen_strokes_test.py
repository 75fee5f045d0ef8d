import pathlib

import numpy as np
import pytest

from tfdood.data import pen_strokes
from tfdood.data.importers import npz_files, pen_stroke_archives

_SHARED = pathlib.Path(__file__).parents[3] / "shared" / "data"

# In pixels, with y downwards.
_LINE = np.array([[20.0, 52.0], [80.0, 52.0]])
_DOT = np.array([[50.0, 10.0]])


def _arrays(drawings):
    """The arrays of drawings `(class_id, drawer, strokes)`."""
    strokes = [stroke for *_, own in drawings for stroke in own]
    points = [np.c_[s, np.arange(len(s))] * (1, -1, 1) for s in strokes]
    return {
        "points": np.concatenate(points).astype(np.float32),
        "stroke_start": np.cumsum([0, *map(len, strokes)]),
        "drawing_start": np.cumsum([0, *(len(own) for *_, own in drawings)]),
        "class_id": np.array([class_id for class_id, *_ in drawings]),
        "drawer": np.array([drawer for _, drawer, _ in drawings]),
    }


def _drawing(*strokes):
    """A drawing of strokes given in pixels."""
    unit = [(np.asarray(stroke) + 0.5) / 105 for stroke in strokes]
    return pen_strokes.PenDrawing(unit, class_id=1, drawer=1)


def test_written_drawings_read_back_sorted_and_once(tmp_path):
    drawings = [(9, 2, [_LINE]), (4, 1, [_DOT, _LINE]), (9, 2, [_LINE[::-1]])]
    path = pen_strokes.write(_arrays(drawings), tmp_path)
    assert path == tmp_path / pen_strokes.FILE
    first, second = pen_strokes.read(str(tmp_path))
    assert (first.class_id, first.drawer) == (4, 1)
    assert (second.class_id, second.drawer) == (9, 2)
    assert (len(first.strokes), len(second.strokes)) == (2, 1)
    # Pixel i has its centre at (i + 0.5) / 105.
    np.testing.assert_allclose(first.strokes[0], (_DOT + 0.5) / 105)
    np.testing.assert_allclose(first.strokes[1], (_LINE + 0.5) / 105)
    np.testing.assert_allclose(second.strokes[0], (_LINE[::-1] + 0.5) / 105)


def test_drawings_of_one_character_are_sorted_by_drawer(tmp_path):
    drawings = [(3, drawer, [_LINE + drawer]) for drawer in (20, 1, 7)]
    pen_strokes.write(_arrays(drawings), tmp_path)
    found = pen_strokes.read(str(tmp_path))
    assert [drawing.drawer for drawing in found] == [1, 7, 20]
    for drawing in found:
        expected = (_LINE + drawing.drawer + 0.5) / 105
        np.testing.assert_allclose(drawing.strokes[0], expected, rtol=1e-6)


def test_default_folder_is_that_of_tfds(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    pen_strokes.write(_arrays([(9, 2, [_LINE])]), tmp_path)
    assert len(pen_strokes.read(None)) == 1


def test_arrays_come_in_fixed_order_without_others(tmp_path):
    arrays = _arrays([(9, 2, [_LINE])])
    path = tmp_path / "other.npz"
    np.savez(path, extra=1, **dict(reversed(arrays.items())))
    found = pen_strokes.read_arrays(path)
    assert tuple(found) == pen_strokes.ARRAYS
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch):
    pen_strokes.write(_arrays([(9, 2, [_LINE])]), tmp_path)

    def interrupted(file, **_):
        file.write(b"half of a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pen_strokes.write(_arrays([(4, 1, [_DOT])]), tmp_path)
    (drawing,) = pen_strokes.read(str(tmp_path))
    assert drawing.class_id == 9


def test_line_and_dot_are_five_pixels_wide():
    image = pen_strokes.image(_drawing(_DOT, _LINE))
    assert image.shape == (105, 105, 1)
    assert set(np.unique(image)) == {0, 255}
    rows, columns, _ = np.nonzero(image)
    pixels = np.stack([columns, rows], -1)
    on_line = np.clip(pixels, _LINE[0], _LINE[1])
    distances = np.minimum(
        np.hypot(*(pixels - on_line).T), np.hypot(*(pixels - _DOT[0]).T)
    )
    assert distances.max() < 3.0
    area = 60 * 5 + 2 * np.pi * 2.5**2  # a line with round ends, and a dot
    assert len(pixels) == pytest.approx(area, rel=0.1)
    np.testing.assert_array_equal(
        np.flatnonzero(image[:, 50, 0])[-5:] - 52, [-2, -1, 0, 1, 2]
    )


@pytest.mark.parametrize("shift", [(7, 0), (0, -5), (11, 13)])
def test_shifted_strokes_give_shifted_image(shift):
    strokes = np.array([[30, 40], [50, 47], [62, 31]]), _DOT + (0, 20)
    image = pen_strokes.image(_drawing(*strokes))
    moved = pen_strokes.image(_drawing(*(s + shift for s in strokes)))
    expected = np.roll(image, (shift[1], shift[0]), (0, 1))
    # Rounding moves a few pixels at the edges of the lines.
    assert (moved != expected).mean() < 0.002


def test_image_does_not_depend_on_stroke_order():
    strokes = [_LINE, _DOT, np.array([[10, 10], [90, 95]])]
    np.testing.assert_array_equal(
        pen_strokes.image(_drawing(*strokes)),
        pen_strokes.image(_drawing(*strokes[::-1])),
    )


@pytest.mark.skipif(
    not _SHARED.exists(), reason="needs the npz files of ../shared/data"
)
def test_images_agree_with_published_images(tmp_path):
    pen_strokes.write(pen_stroke_archives.read(_SHARED), tmp_path)
    drawings = pen_strokes.read(str(tmp_path))[::25]
    with np.load(_SHARED / "omniglot.npz") as arrays:
        ids = zip(
            arrays["background_class_id"].tolist(),
            arrays["background_drawer"].tolist(),
            strict=True,
        )
        row_of = {key: row for row, key in enumerate(ids)}
        rows = [row_of[d.class_id, d.drawer] for d in drawings]
        packed = arrays["background_images_packed"][rows]
    published = npz_files.unpack_bits(packed, (105, 105)) > 0
    images = np.stack([pen_strokes.image(d)[..., 0] > 0 for d in drawings])
    both, either = images & published, images | published
    agreement = both.sum((1, 2)) / either.sum((1, 2))
    assert agreement.mean() == pytest.approx(0.92, abs=0.02)


def test_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match=pen_strokes.FILE) as error:
        pen_strokes.read(str(tmp_path))
    assert "tfdood.data.prepare" in str(error.value)


def test_missing_array_raises(tmp_path):
    np.savez(tmp_path / pen_strokes.FILE, points=np.zeros([2, 3]))
    with pytest.raises(ValueError, match="stroke_start, .* got points"):
        pen_strokes.read(str(tmp_path))


def test_damaged_file_raises(tmp_path):
    (tmp_path / pen_strokes.FILE).write_bytes(b"no zip")
    with pytest.raises(ValueError, match=f"{pen_strokes.FILE} is not a read"):
        pen_strokes.read(str(tmp_path))
