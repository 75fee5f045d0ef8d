import numpy as np
import pytest
from absl import logging

from tfdood.data import datasets
from tfdood.data.builders import quickdraw_ten
from tfdood.data.importers import bitmap_files

_NAMES = datasets.dataset("quickdraw").class_names


@pytest.fixture(autouse=True)
def _log(monkeypatch):
    lines = []
    monkeypatch.setattr(
        logging, "warning", lambda text, *args: lines.append(text % args)
    )
    return lines


def _bitmaps(count, seed=0):
    """Drawings whose first inner pixels say which row they are."""
    rows = np.zeros([count, 784], np.uint8)
    numbers = np.arange(count)
    rows[:, 300] = 255
    rows[:, 100], rows[:, 101], rows[:, 102] = numbers // 256, numbers, seed
    return rows


def _write_all(folder, count, form="{}.npy"):
    for seed, name in enumerate(_NAMES):
        np.save(folder / form.format(name), _bitmaps(count, seed))


def test_full_files_give_the_drawings_of_the_builder(tmp_path, _log):
    _write_all(tmp_path, 5_050)
    found = bitmap_files.read("quickdraw", tmp_path)
    assert found.class_names == _NAMES
    chosen = quickdraw_ten.choose(_bitmaps(5_050), "any", 5_000)
    for split, rows in (("train", chosen[:4_000]), ("test", chosen[4_000:])):
        images = found.images[split].reshape(10, -1, 784)
        for seed in range(10):
            expected = _bitmaps(5_050, seed)[rows]
            np.testing.assert_array_equal(images[seed], expected)
        expected = np.repeat(np.arange(10), len(rows))
        np.testing.assert_array_equal(found.labels[split], expected)
    assert not _log


def test_smaller_files_are_divided_four_to_one(tmp_path):
    _write_all(tmp_path, 25)
    found = bitmap_files.read("quickdraw", tmp_path)
    assert found.images["train"].shape == (200, 28, 28)
    assert found.images["test"].shape == (50, 28, 28)
    together = np.concatenate([*found.images.values()]).reshape(250, 784)
    assert len(np.unique(together, axis=0)) == 250


@pytest.mark.parametrize(
    "form", ["{}.npy", "full_numpy_bitmap_{}.npy", "spaces"]
)
def test_names_are_known_however_they_were_saved(tmp_path, form):
    for name in ("cell phone", "smiley face"):
        file = f"{name}.npy".replace(" ", "_" if name[0] == "c" else "%20")
        path = tmp_path / (file if form == "spaces" else form.format(name))
        np.save(path, _bitmaps(5))
    found = bitmap_files.read("quickdraw", tmp_path)
    assert found.class_names == ("cell phone", "smiley face")


def test_missing_and_other_categories_are_named(tmp_path, _log):
    for name in (*_NAMES[2:], "cat"):
        np.save(tmp_path / f"{name}.npy", _bitmaps(5))
    found = bitmap_files.read("quickdraw", tmp_path)
    assert found.class_names == _NAMES[2:]
    assert found.labels["test"].tolist() == list(range(8))
    assert _log == [
        f"{tmp_path} has no bitmaps of bicycle, eye.",
        f"{tmp_path} has bitmaps that are not of the ten categories: cat.",
    ]


def test_absent_files_are_none(tmp_path):
    assert bitmap_files.read("quickdraw", tmp_path) is None
    np.save(tmp_path / "cat.npy", _bitmaps(5))
    assert bitmap_files.read("quickdraw", tmp_path) is None
    np.save(tmp_path / "eye.npy", _bitmaps(5))
    assert bitmap_files.read("mnist", tmp_path) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"eye\.npy is not a readable npy file"),
        (b"nothing", r"eye\.npy is not a readable npy file"),
        ({"a": _bitmaps(9)}, r"eye\.npy is not a readable npy file"),
        (_bitmaps(4), "holds 4 drawings, expected at least 5"),
        (_bitmaps(9)[:, :700], r"must be \[N, 784\], got \[9, 700\]"),
        (np.zeros([9, 784]), r"got float64 \[7, 28, 28\]"),
        (np.array(3), r"must be \[N, 784\], got \[\]"),
    ],
)
def test_wrong_files_raise(tmp_path, content, message):
    if isinstance(content, dict):
        with (tmp_path / "eye.npy").open("wb") as file:
            np.savez(file, **content)
    elif isinstance(content, bytes):
        (tmp_path / "eye.npy").write_bytes(content)
    else:
        np.save(tmp_path / "eye.npy", content)
    with pytest.raises(ValueError, match=message):
        bitmap_files.read("quickdraw", tmp_path)
