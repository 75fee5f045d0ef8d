import zipfile

import numpy as np
import pytest

from tfdood.data import pen_strokes
from tfdood.data.importers import pen_stroke_archives

_ARRAYS = {
    "points": np.array([[50, -10, 0], [20, -52, 9], [80, -52, 44]], np.float32),
    "stroke_start": np.array([0, 1, 3]),
    "drawing_start": np.array([0, 2]),
    "class_id": np.array([4]),
    "drawer": np.array([1]),
}


def _write_archive(path, texts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{path.stem}/Greek/character01/{name}", text)


def _assert_equal(found, expected):
    assert tuple(found) == pen_strokes.ARRAYS
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def test_absent_files_are_none(tmp_path):
    assert pen_stroke_archives.read(tmp_path) is None


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_published_archives_are_joined(tmp_path, line_end):
    text = "START\n50,-10,0\nBREAK\n20.0,-52.0,9.0\n80,-52,44\nBREAK\n"
    _write_archive(
        tmp_path / "strokes_background_small1.zip",
        {"0004_01.txt": text.replace("\n", line_end), "readme.md": "nothing"},
    )
    text = "START\n1,-2,0\n3,-4,5\nBREAK\n"
    _write_archive(
        tmp_path / "strokes_background_small2.zip", {"0009_12.txt": text}
    )
    expected = {
        "points": [*_ARRAYS["points"], [1, -2, 0], [3, -4, 5]],
        "stroke_start": [0, 1, 3, 5],
        "drawing_start": [0, 2, 3],
        "class_id": [4, 9],
        "drawer": [1, 12],
    }
    _assert_equal(pen_stroke_archives.read(tmp_path), expected)


def test_archive_reads_like_the_npz_file(tmp_path):
    text = "START\n50,-10,0\nBREAK\n20,-52,9\n80,-52,44\nBREAK\n"
    _write_archive(
        tmp_path / "strokes_background_small1.zip", {"0004_01.txt": text}
    )
    pen_strokes.write(pen_stroke_archives.read(tmp_path), tmp_path)
    (drawing,) = pen_strokes.read(str(tmp_path))
    np.testing.assert_allclose(drawing.strokes[0], [[50.5 / 105, 10.5 / 105]])
    np.testing.assert_allclose(
        drawing.strokes[1] * 105, [[20.5, 52.5], [80.5, 52.5]], rtol=1e-6
    )


@pytest.mark.parametrize(
    "name", [pen_strokes.FILE, "omniglot_strokes_small1_small2.npz"]
)
def test_npz_file_is_read_before_archives(tmp_path, name):
    np.savez(tmp_path / name, **_ARRAYS)
    (tmp_path / "strokes_background_small1.zip").write_bytes(b"damaged")
    _assert_equal(pen_stroke_archives.read(tmp_path), _ARRAYS)


@pytest.mark.parametrize(
    "text", ["START\n1,2\nBREAK\n", "START\n1,2,x\nBREAK\n", "<html>", b"\xff"]
)
def test_wrong_text_raises_with_the_archive(tmp_path, text):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": text})
    with pytest.raises(ValueError, match=r"small1\.zip is not a readable"):
        pen_stroke_archives.read(tmp_path)


def test_truncated_archive_raises(tmp_path):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": "START\n1,2,3\nBREAK\n"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"small1\.zip is not a readable"):
        pen_stroke_archives.read(tmp_path)


def test_archive_without_drawings_raises(tmp_path):
    _write_archive(tmp_path / "strokes_background_small1.zip", {"a.png": ""})
    with pytest.raises(ValueError, match=r"small1\.zip: .* got none"):
        pen_stroke_archives.read(tmp_path)


def test_npz_file_without_an_array_raises(tmp_path):
    np.savez(tmp_path / pen_strokes.FILE, points=[1])
    with pytest.raises(ValueError, match="must hold the arrays points"):
        pen_stroke_archives.read(tmp_path)
