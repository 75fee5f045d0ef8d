import zipfile

import numpy as np
import pytest

from tfdood.data.importers import pen_stroke_archives


def _write_archive(path, texts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{path.stem}/Greek/character01/{name}", text)


def test_absent_files_are_none(tmp_path):
    assert pen_stroke_archives.read(tmp_path) is None


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_published_archives_are_joined(tmp_path, line_end):
    text = "START\n50,-10,0\nBREAK\n20.0,-52.0,9.0\n80,-52,44\nBREAK\n"
    _write_archive(
        tmp_path / "strokes_background_small1.zip",
        {
            "0004_01.txt": text.replace("\n", line_end),
            "readme.md": "nothing",
            "__MACOSX/._0004_01.txt": b"\xff",
        },
    )
    text = "START\n1,-2,0\n3,-4,5\nBREAK\n"
    _write_archive(
        tmp_path / "strokes_background_small2.zip", {"0009_12.txt": text}
    )
    first, second = pen_stroke_archives.read(tmp_path)
    assert (first.class_id, first.drawer, first.exact) == (4, 1, True)
    assert (second.class_id, second.drawer, second.exact) == (9, 12, True)
    dot, line = first.strokes
    np.testing.assert_allclose(dot, [[50.5, 10.5]])
    np.testing.assert_allclose(line, [[20.5, 52.5], [80.5, 52.5]])
    np.testing.assert_allclose(second.strokes, [[[1.5, 2.5], [3.5, 4.5]]])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("START\n1,-2\n3,-4\n5,-6\nBREAK\n", "02.txt, line 2: .* got '1,-2'"),
        ("START\n1,-2,0\n1,-2,x\nBREAK\n", "line 3: .* got '1,-2,x'"),
        ("START\nnan,-20,0\nBREAK\n", "got 'nan,-20,0'"),
        ("START\n1000,-20,0\nBREAK\n", "at most 210 pixels"),
        ("START\nBREAK\n", "02.txt has no points"),
        ("<html>", "line 1: .* got '<html>'"),
        (b"\xff", "invalid start byte"),
    ],
)
def test_wrong_text_raises_with_the_archive(tmp_path, text, reason):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": text})
    expected = rf"small1\.zip is not a readable .*{reason}"
    with pytest.raises(ValueError, match=expected):
        pen_stroke_archives.read(tmp_path)


def test_truncated_archive_raises(tmp_path):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": "START\n1,2,3\nBREAK\n"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"small1\.zip is not a readable"):
        pen_stroke_archives.read(tmp_path)


def test_encrypted_archive_raises(tmp_path):
    path = tmp_path / "strokes_background_small1.zip"
    _write_archive(path, {"0009_02.txt": "START\n1,2,3\nBREAK\n"})
    contents = bytearray(path.read_bytes())
    contents[contents.find(b"PK\x01\x02") + 8] |= 1  # A flag of the file.
    path.write_bytes(contents)
    with pytest.raises(ValueError, match=r"small1\.zip .* is encrypted"):
        pen_stroke_archives.read(tmp_path)


def test_archive_without_drawings_raises(tmp_path):
    _write_archive(tmp_path / "strokes_background_small1.zip", {"a.png": ""})
    with pytest.raises(ValueError, match=r"small1\.zip: .* got none"):
        pen_stroke_archives.read(tmp_path)
