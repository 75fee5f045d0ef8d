import functools
import os
import pathlib
import signal
import tempfile
import time

import numpy as np
import pytest
from PIL import Image

from tests.drawing import pictures_of_drawings as kinds
from tfdood.drawing import squares
from tfdood.sketching import preparing
from tfdood.sketching.preparing import View


def _save(picture, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def test_folders_are_searched_for_pictures(tmp_path):
    (tmp_path / "folder.png").mkdir()
    hidden = (".e.png", ".trash/f.png")
    for name in ("b.png", "a.JPG", "c/d.gif", "notes.txt", *hidden):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    other = tmp_path / "notes.txt"
    found = preparing.listed([other, str(tmp_path), tmp_path / "b.png"])
    names = [str(path.relative_to(tmp_path)) for path in found]
    # A file that is named is taken as it is; none comes twice.
    assert names == ["notes.txt", "a.JPG", "b.png", "c/d.gif"]


def test_missing_files_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        preparing.listed([tmp_path / "nowhere"])
    with pytest.raises(FileNotFoundError, match=r"has no pictures.*\.png"):
        preparing.listed([tmp_path])


def test_pictures_are_prepared_and_reasons_given(tmp_path):
    good = _save(kinds.ring(255, 0), tmp_path / "good.png")
    blank = _save(kinds.blank(), tmp_path / "blank.png")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"text")
    missing = pathlib.Path(tmp_path / "missing.png")
    view = View(20, 0.1)
    found = list(preparing.of_files([good, blank, bad, missing], view))
    square = squares.of_array(kinds.ring(255, 0), 0.1)
    expected = preparing.of_square(square, view)
    assert expected.image.shape == (20, 20, 1)
    np.testing.assert_array_equal(found[0].image, expected.image)
    assert found[0].place == expected.place == square.place
    assert found[1].startswith("it has no ink")
    assert "cannot be decoded" in found[2]
    assert found[3] == "no such file or directory"
    assert not any(reason.endswith(".") for reason in found[1:])


def test_thin_lines_are_widened_and_say_by_how_much():
    thin = np.full([400, 400], 255, np.uint8)
    thin[198:202, 50:350] = 0
    square = squares.of_array(thin, 0.0)
    as_it_is = preparing.of_square(square, View(50, 0.0))
    wide = preparing.of_square(square, View(50, 0.0, line_width=2.0))
    assert as_it_is.growth == 0.0
    # A pixel of the image has 6 of the picture, and lines have 2 of these.
    np.testing.assert_allclose(wide.growth + 4.0, 12.0, atol=1.0)
    thin[194:206, 50:350] = 0
    drawn = preparing.of_square(squares.of_array(thin, 0.0), View(50, 0.0))
    assert drawn.place == wide.place
    assert np.abs(drawn.image - wide.image).mean() < 0.01


def test_many_pictures_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "_FEW", 3)
    monkeypatch.setattr(preparing, "_AHEAD", 2)
    paths = []
    for number in range(6):
        picture = np.full([40, 60], 255, np.uint8)
        picture[5:15, 5 : 15 + 6 * number] = 0
        paths.append(_save(picture, tmp_path / f"{number}.png"))
    paths[4].write_bytes(b"")
    found = list(preparing.of_files(paths, View(10, 0.0)))
    assert isinstance(found.pop(4), str)
    sides = [one.place.side for one in found]
    assert sides == [10, 16, 22, 28, 40]


def _note(_, folder):
    """Is slow, and counts its calls."""
    time.sleep(0.05)
    tempfile.mkstemp(dir=folder)


def test_who_stops_early_does_not_wait_for_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "_FEW", 1)
    monkeypatch.setattr(preparing, "_AHEAD", 120)
    picture = np.full([40, 60], 255, np.uint8)
    picture[5:15, 5:20] = 0
    path = _save(picture, tmp_path / "one.png")
    (tmp_path / "calls").mkdir()
    then = functools.partial(_note, folder=tmp_path / "calls")
    prepared = preparing.of_files([path] * 240, View(10, 0.0), then)
    next(prepared)
    prepared.close()
    assert len(list((tmp_path / "calls").iterdir())) < 100


def _be_killed(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "_FEW", 1)
    picture = np.full([40, 60], 255, np.uint8)
    picture[5:15, 5:20] = 0
    paths = [_save(picture, tmp_path / f"{n}.png") for n in range(2)]
    with pytest.raises(OSError, match="was killed, perhaps for lack of memory"):
        list(preparing.of_files(paths, View(10, 0.0), _be_killed))
