import json
import os

import numpy as np
import pytest

from export import writing
from tfdood.vectors.drawing import VectorDrawing
from tfdood.vectors.pen_strokes import PenStroke


def _drawing(num_strokes):
    curves = np.random.default_rng(0).uniform(0, 50, (num_strokes, 1, 4, 2))
    strokes = tuple(PenStroke(curve, 2.0) for curve in curves)
    return VectorDrawing(strokes, 60.0, 50.0)


def test_each_format_has_the_drawings(tmp_path):
    folder = tmp_path / "a" / "b"
    drawings = {"cat": _drawing(2), "dog": _drawing(3)}
    with writing.Writer(folder, writing.FORMATS) as writer:
        for name, drawing in drawings.items():
            writer.write(drawing, name)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("cat.inkml", "cat.json", "cat.svg"),
        *("dog.inkml", "dog.json", "dog.svg", "drawings.ndjson"),
        "drawings.npz",
    ]
    for name, drawing in drawings.items():
        assert (folder / f"{name}.svg").read_text() == drawing.svg()
        assert (folder / f"{name}.inkml").read_text() == drawing.inkml()
        assert (folder / f"{name}.json").read_text() == drawing.json()
    lines = (folder / "drawings.ndjson").read_text().splitlines()
    found = [(d["word"], len(d["drawing"])) for d in map(json.loads, lines)]
    assert found == [("cat", 2), ("dog", 3)]
    with np.load(folder / "drawings.npz", allow_pickle=True) as file:
        lifts = [steps[:, 2].sum() for steps in file["train"]]
    assert lifts == [2, 3]


def test_only_the_wanted_formats_are_written(tmp_path):
    with writing.Writer(tmp_path, ["json"]) as writer:
        writer.write(_drawing(1), "cat")
    assert [path.name for path in tmp_path.iterdir()] == ["cat.json"]


def test_style_is_that_of_the_svg(tmp_path):
    style = writing.Style(paper="black", colors=True, animate=True)
    with writing.Writer(tmp_path, ["svg"], style) as writer:
        writer.write(_drawing(2), "cat")
    text = (tmp_path / "cat.svg").read_text()
    assert text == _drawing(2).svg("black", colors=True, animate=True)


def test_equal_names_get_numbers():
    names = ["cat", "cat", "cat_2", "cat"]
    assert writing.different(names) == ["cat", "cat_2", "cat_2_2", "cat_3"]


@pytest.mark.parametrize("other", ["CAFÉ", "cafe\u0301"])
def test_names_that_are_one_file_on_some_systems_get_numbers(other):
    assert writing.different(["café", other]) == ["café", f"{other}_2"]


@pytest.mark.parametrize("letter", ["a", "木"])
def test_files_of_long_names_are_written(tmp_path, letter):
    names = writing.different([300 * letter, 299 * letter])
    with writing.Writer(tmp_path, writing.FORMATS) as writer:
        for name in names:
            assert letter * 60 in name
            writer.write(_drawing(1), name)
    assert len(list(tmp_path.iterdir())) == 2 * 3 + 2


def test_names_that_are_not_unicode_stay():
    name = os.fsdecode(b"caf\xe9")
    assert writing.different([name]) == [name]


@pytest.mark.parametrize("ending", writing.FORMATS)
def test_files_that_exist_are_found(tmp_path, ending):
    arguments = tmp_path, ["dog", "cat"], [ending, ending]
    writing.check_new(*arguments)
    with writing.Writer(tmp_path, [ending]) as writer:
        writer.write(_drawing(1), "cat")
    with pytest.raises(
        FileExistsError, match=rf"\w+\.{ending} exists already.* --over"
    ):
        writing.check_new(tmp_path, *arguments[1:])


def test_a_link_to_nothing_is_a_file(tmp_path):
    (tmp_path / "cat.svg").symlink_to("nothing")
    with pytest.raises(FileExistsError, match=r"cat\.svg exists already"):
        writing.check_new(tmp_path, ["cat"], ["svg"])


def test_what_was_drawn_before_an_error_is_kept(tmp_path):
    with (
        pytest.raises(RuntimeError),
        writing.Writer(tmp_path, ["svg", "ndjson", "npz"]) as writer,
    ):
        writer.write(_drawing(1), "cat")
        raise RuntimeError
    assert (tmp_path / "cat.svg").exists()
    assert (tmp_path / "drawings.ndjson").read_text().count("\n") == 1
    with np.load(tmp_path / "drawings.npz", allow_pickle=True) as file:
        assert len(file["train"]) == 1


def test_drawings_of_before_stay_after_an_error_before_the_first(tmp_path):
    with writing.Writer(tmp_path, ["ndjson", "npz"]) as writer:
        writer.write(_drawing(1), "cat")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with (
        pytest.raises(RuntimeError),
        writing.Writer(tmp_path, ["ndjson", "npz"]),
    ):
        raise RuntimeError
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before


def test_drawings_of_before_stay_if_the_first_cannot_be_written(tmp_path):
    formats = ["svg", "ndjson", "npz"]
    with writing.Writer(tmp_path, formats) as writer:
        writer.write(_drawing(1), "cat")
    (tmp_path / "dog.svg").mkdir()
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    with (
        pytest.raises(IsADirectoryError),
        writing.Writer(tmp_path, formats) as writer,
    ):
        writer.write(_drawing(2), "dog")
    assert {path: path.read_bytes() for path in files} == before


def test_drawings_of_before_stay_if_there_are_no_new_ones(tmp_path):
    with writing.Writer(tmp_path, ["ndjson", "npz"]) as writer:
        writer.write(_drawing(1), "cat")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with writing.Writer(tmp_path, ["ndjson", "npz"]):
        pass
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        writing.Writer(tmp_path / "file", ["svg"])
