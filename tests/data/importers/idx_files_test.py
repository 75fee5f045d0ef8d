import gzip
import struct

import numpy as np
import pytest

from tfdood.data.importers import idx_files


def _idx(array):
    header = struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape)
    return header + array.tobytes()


def _write(folder, stems, compress):
    """Writes the four files of a dataset; returns images by file stem."""
    rng = np.random.default_rng(0)
    written = {}
    for count, stem in enumerate(stems, start=3):
        images = rng.integers(0, 200, (count, 28, 28), dtype=np.uint8)
        labels = np.arange(count, dtype=np.uint8)
        for array in (images, labels):
            kind = "images-idx3" if array.ndim == 3 else "labels-idx1"
            path = folder / f"{stem}-{kind}-ubyte{'.gz' * compress}"
            content = _idx(array)
            path.write_bytes(gzip.compress(content) if compress else content)
        written[stem] = images
    return written


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_published_files_are_read(tmp_path, name, compress):
    written = _write(tmp_path, ("train", "t10k"), compress)
    found = idx_files.read(name, tmp_path)
    np.testing.assert_array_equal(found.images["train"], written["train"])
    np.testing.assert_array_equal(found.images["test"], written["t10k"])
    assert found.labels["train"].tolist() == [0, 1, 2]
    assert found.labels["test"].tolist() == [0, 1, 2, 3]
    assert found.labels["test"].dtype == np.int64
    assert found.origin == tmp_path


def test_uncompressed_file_is_read_before_compressed_one(tmp_path):
    written = _write(tmp_path, ("train", "t10k"), compress=False)
    for path in list(tmp_path.iterdir()):
        (tmp_path / f"{path.name}.gz").write_bytes(b"damaged")
    found = idx_files.read("mnist", tmp_path)
    np.testing.assert_array_equal(found.images["train"], written["train"])


def test_header_is_big_endian(tmp_path):
    # 300 = 0x012c images: the order of the bytes matters.
    images = np.arange(300 * 4).astype(np.uint8).reshape(300, 2, 2)
    for stem in ("train", "t10k"):
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(_idx(images))
        labels = np.zeros(300, np.uint8)
        (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(_idx(labels))
    found = idx_files.read("mnist", tmp_path)
    np.testing.assert_array_equal(found.images["test"], images)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 1, 10], np.uint8), "in 0 .. 9, got 0 .. 10"),
        (np.array([0, 1], np.uint8), r"must be \[3\].* got \[2\]"),
    ],
)
def test_labels_that_do_not_fit_raise(tmp_path, labels, message):
    _write(tmp_path, ("train", "t10k"), compress=False)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(_idx(labels))
    with pytest.raises(ValueError, match=message):
        idx_files.read("mnist", tmp_path)


def test_emnist_is_transposed(tmp_path):
    stems = ("emnist-balanced-train", "emnist-balanced-test")
    written = _write(tmp_path, stems, compress=True)
    found = idx_files.read("emnist", tmp_path)
    np.testing.assert_array_equal(
        found.images["train"], written[stems[0]].transpose(0, 2, 1)
    )
    assert len(found.class_names) == 47


def test_absent_files_are_none(tmp_path):
    assert idx_files.read("mnist", tmp_path) is None
    _write(tmp_path, ("train", "t10k"), compress=False)
    assert idx_files.read("quickdraw", tmp_path) is None


def test_missing_file_raises(tmp_path):
    _write(tmp_path, ("train", "t10k"), compress=False)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(ValueError, match="t10k-labels.* is missing"):
        idx_files.read("mnist", tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x08",
        _idx(np.zeros((3, 28, 28), np.uint8))[:-1],
        _idx(np.zeros((3, 28), np.uint8)),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_damaged_file_raises(tmp_path, content, suffix):
    _write(tmp_path, ("train", "t10k"), compress=bool(suffix))
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="train-images-idx3-ubyte.* is not a"):
        idx_files.read("mnist", tmp_path)


def test_truncated_compressed_file_raises(tmp_path):
    _write(tmp_path, ("train", "t10k"), compress=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match="not a readable idx file"):
        idx_files.read("mnist", tmp_path)


def test_emnist_is_read_from_the_folder_of_its_archive(tmp_path):
    (tmp_path / "gzip").mkdir()
    stems = ("emnist-balanced-train", "emnist-balanced-test")
    written = _write(tmp_path / "gzip", stems, compress=True)
    found = idx_files.read("emnist", tmp_path)
    np.testing.assert_array_equal(
        found.images["test"], written[stems[1]].transpose(0, 2, 1)
    )


def test_only_the_files_of_emnist_have_its_name():
    assert idx_files.are_named("emnist")
    for name in ("mnist", "kmnist", "quickdraw"):
        assert not idx_files.are_named(name)


def test_black_ink_on_white_paper_is_inverted(tmp_path, caplog):
    written = _write(tmp_path, ("train", "t10k"), compress=False)
    for stem, images in written.items():
        path = tmp_path / f"{stem}-images-idx3-ubyte"
        path.write_bytes(_idx(255 - images))
    found = idx_files.read("mnist", tmp_path)
    np.testing.assert_array_equal(found.images["train"], written["train"])
    assert "has black ink on white paper" in caplog.text
