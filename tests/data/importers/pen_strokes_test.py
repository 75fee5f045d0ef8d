"""Pen strokes, from a file made here."""

import zipfile

import numpy as np
import pytest

from tfdood.data.importers import importing, pen_strokes


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


def _write_archive(path, texts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{path.stem}/Greek/character01/{name}", text)


def test_imports_the_published_archives(tmp_path):
    _write_archive(
        tmp_path / "strokes_background_small1.zip",
        {
            "0009_02.txt": "START\n20.0,-52.0,0.0\n80.0,-52.0,35.0\nBREAK\n",
            "readme.md": "nothing",
        },
    )
    _write_archive(
        tmp_path / "strokes_background_small2.zip",
        {
            "0004_01.txt": "START\r\n50,-10,0\r\nBREAK\r\n"
            "20,-52,9\r\n80,-52,44\r\nBREAK\r\n"
        },
    )
    (tmp_path / "npz").mkdir()
    write(tmp_path / "npz", [(4, 1, [DOT, LINE]), (9, 2, [LINE])])
    for source, out in ((tmp_path, "a"), (tmp_path / "npz", "b")):
        list(importing.import_all(str(source), str(tmp_path / out)))
    found, expected = (pen_strokes.read(str(tmp_path / out)) for out in "ab")
    assert [(d.class_id, d.drawer) for d in found] == [(4, 1), (9, 2)]
    for ours, theirs in zip(found, expected, strict=True):
        for a, b in zip(ours.strokes, theirs.strokes, strict=True):
            np.testing.assert_allclose(a, b)


@pytest.mark.parametrize("text", ["START\n1,2\nBREAK\n", "<html>", None])
def test_a_wrong_archive_is_named(tmp_path, text):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": text or "START\n1,2,3\nBREAK\n"})
    if text is None:
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="small1.zip is not a readable"):
        list(importing.import_all(str(tmp_path), str(tmp_path / "out")))


def test_an_archive_without_drawings_is_named(tmp_path):
    _write_archive(tmp_path / "strokes_background_small1.zip", {"a.png": ""})
    with pytest.raises(ValueError, match=r"small1\.zip: .* got none"):
        pen_strokes.find(tmp_path)


def test_reads_each_drawing_once_with_its_strokes(tmp_path):
    write(tmp_path, [(9, 2, [LINE]), (4, 1, [DOT, LINE]), (9, 2, [LINE])])
    first, second = pen_strokes.read(str(tmp_path))
    assert (first.class_id, first.drawer) == (4, 1)
    assert (second.class_id, second.drawer) == (9, 2)
    for stroke, pixels in zip(first.strokes, (DOT, LINE), strict=True):
        np.testing.assert_allclose(stroke, (pixels + 0.5) / 105, rtol=1e-5)
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
