import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood.data import datasets, prepared
from tfdood.data.builders import quickdraw_ten


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(quickdraw_ten.QuickdrawTen, "num_train", 4)
    monkeypatch.setattr(quickdraw_ten.QuickdrawTen, "num_test", 2)


def _write_bitmaps(folder, count):
    """Writes one file per category; the pixels are class and row."""
    folder.mkdir()
    for label, name in enumerate(datasets.dataset("quickdraw").class_names):
        bitmaps = np.zeros((count, 784), np.uint8)
        bitmaps[:, 0] = label
        bitmaps[:, 1] = np.arange(count)
        np.save(folder / f"{name}.npy", bitmaps)


def _prepare(tmp_path, data_dir):
    builder = quickdraw_ten.QuickdrawTen(data_dir=str(tmp_path / data_dir))
    config = tfds.download.DownloadConfig(manual_dir=tmp_path / "manual")
    builder.download_and_prepare(download_config=config)
    folder = prepared.find("quickdraw", str(tmp_path / data_dir))
    return [
        prepared.read("quickdraw", split, folder, 28)
        for split in datasets.STORED_SPLITS
    ]


def _keys(drawings):
    """Class and row of each drawing, sorted."""
    keys = drawings.images[:, 0, :2, 0].astype(int).tolist()
    return sorted(map(tuple, keys))


def test_chosen_drawings_are_distinct_and_balanced(tmp_path, small):
    _write_bitmaps(tmp_path / "manual", 20)
    train, test = _prepare(tmp_path, "out")
    np.testing.assert_array_equal(train.images[:, 0, 0, 0], train.labels)
    assert np.bincount(train.labels).tolist() == [4] * 10
    assert np.bincount(test.labels).tolist() == [2] * 10
    assert len(set(_keys(train) + _keys(test))) == 60
    assert train.class_names == datasets.dataset("quickdraw").class_names
    assert "quickdraw_ten/1.0.0 (40 train / 20 test)" in train.source


def test_choice_is_the_same_each_time(tmp_path, small):
    _write_bitmaps(tmp_path / "manual", 20)
    first, second = (_prepare(tmp_path, name)[0] for name in ("a", "b"))
    assert _keys(first) == _keys(second)


def test_too_few_drawings_raise(tmp_path, small):
    _write_bitmaps(tmp_path / "manual", 5)
    with pytest.raises(
        ValueError, match="eye.npy holds 5 drawings, expected at"
    ):
        _prepare(tmp_path, "out")


@pytest.mark.parametrize("contents", [b"", b"damaged", b"PK\x03\x04"])
def test_damaged_files_are_named(tmp_path, small, contents):
    _write_bitmaps(tmp_path / "manual", 20)
    (tmp_path / "manual" / "eye.npy").write_bytes(contents)
    with pytest.raises(ValueError, match="eye.npy is not a readable npy file"):
        _prepare(tmp_path, "out")


def test_array_of_wrong_shape_raises(tmp_path, small):
    _write_bitmaps(tmp_path / "manual", 20)
    np.save(tmp_path / "manual" / "eye.npy", np.zeros((20, 28, 28)))
    with pytest.raises(ValueError, match=r"eye.npy must be \[N, 784\], got"):
        _prepare(tmp_path, "out")
