"""Pen strokes, from a file made here."""

import numpy as np
import pytest

from tfdood.data import importing, pen_strokes


def write(folder, drawings):
    """Writes `(class_id, drawer, strokes)`, in pixels, as published."""
    strokes = [s for *_, own in drawings for s in own]
    points = [np.c_[s, np.arange(len(s))] * (1, -1, 1) for s in strokes]
    np.savez(
        folder / pen_strokes.FILE,
        points=np.concatenate(points).astype(np.float32),
        stroke_start=np.cumsum([0, *map(len, strokes)]),
        drawing_start=np.cumsum([0, *(len(own) for *_, own in drawings)]),
        class_id=np.array([c for c, *_ in drawings]),
        drawer=np.array([d for _, d, _ in drawings]),
    )


LINE = np.array([[20.0, 52.0], [80.0, 52.0]])
DOT = np.array([[50.0, 10.0]])


def test_imports_the_file_or_says_what_is_wrong_with_it(tmp_path):
    write(tmp_path, [(9, 2, [LINE])])
    out = tmp_path / "out"
    (sentence,) = importing.import_all(str(tmp_path), str(out))
    assert "1 drawings" in sentence
    assert len(pen_strokes.read(str(out))) == 1
    np.savez(tmp_path / pen_strokes.FILE, points=[1])
    with pytest.raises(ValueError, match="must hold the arrays points"):
        list(importing.import_all(str(tmp_path), str(out)))
    assert len(pen_strokes.read(str(out))) == 1


def test_reads_each_drawing_once_with_its_strokes(tmp_path):
    write(tmp_path, [(9, 2, [LINE]), (4, 1, [DOT, LINE]), (9, 2, [LINE])])
    first, second = pen_strokes.read(str(tmp_path))
    assert (first.class_id, first.drawer) == (4, 1)
    assert (second.class_id, second.drawer) == (9, 2)
    np.testing.assert_allclose(first.strokes[0], (DOT + 0.5) / 105)
    np.testing.assert_allclose(first.strokes[1], (LINE + 0.5) / 105)
    assert len(second.strokes) == 1


def test_images_have_their_ink_around_the_strokes(tmp_path):
    write(tmp_path, [(4, 1, [DOT, LINE])])
    image = pen_strokes.image(pen_strokes.read(str(tmp_path))[0])
    assert image.shape == (105, 105, 1)
    rows, columns, _ = np.nonzero(image)
    at = np.stack([columns, rows], -1)  # pixels are named by their centres
    along = np.clip(at, LINE[0], LINE[1])
    nearest = np.minimum(np.hypot(*(at - along).T), np.hypot(*(at - DOT[0]).T))
    assert nearest.max() < 3.0
    assert len(at) == pytest.approx(60 * 5 + 2 * np.pi * 2.5**2, rel=0.1)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=pen_strokes.FILE):
        pen_strokes.read(str(tmp_path))


def test_a_wrong_file_is_named(tmp_path):
    np.savez(tmp_path / pen_strokes.FILE, points=np.zeros([2, 3]))
    with pytest.raises(ValueError, match="stroke_start"):
        pen_strokes.read(str(tmp_path))
    (tmp_path / pen_strokes.FILE).write_bytes(b"no zip")
    with pytest.raises(ValueError, match=pen_strokes.FILE):
        pen_strokes.read(str(tmp_path))
