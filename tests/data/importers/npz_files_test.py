import numpy as np
import pytest

from tfdood.data.importers import npz_files


def _arrays(**changes):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 200, (4, 28, 28), dtype=np.uint8),
        "y_train": np.array([3, 1, 4, 1], np.uint8),
        "x_test": rng.integers(0, 200, (2, 28, 28), dtype=np.uint8),
        "y_test": np.array([5, 9], np.uint8),
    }
    return arrays | changes


def _read(folder, name="mnist", file_name="mnist.npz", **arrays):
    np.savez(folder / file_name, **arrays)
    return npz_files.read(name, folder)


def test_images_labels_and_names_are_read(tmp_path):
    arrays = _arrays()
    found = _read(tmp_path, **arrays)
    for split in ("train", "test"):
        np.testing.assert_array_equal(found.images[split], arrays[f"x_{split}"])
        np.testing.assert_array_equal(found.labels[split], arrays[f"y_{split}"])
        assert found.labels[split].dtype == np.int64
    assert found.class_names == tuple("0123456789")


@pytest.mark.parametrize("kind", [str, bytes])
def test_class_names_of_the_file_are_used(tmp_path, kind):
    names = np.array(["eye", "cell_phone"] + [f"c{i}" for i in range(8)], kind)
    arrays = _arrays(class_names=names)
    found = _read(tmp_path, "quickdraw", "quickdraw10.npz", **arrays)
    assert found.class_names[:2] == ("eye", "cell phone")


def test_file_name_of_the_dataset_comes_first(tmp_path):
    arrays = _arrays()
    found = _read(tmp_path, "emnist", "emnist_balanced.npz", **arrays)
    assert found.origin.name == "emnist_balanced.npz"
    found = _read(tmp_path, "emnist", "emnist.npz", **arrays)
    assert found.origin.name == "emnist.npz"


def test_absent_files_are_none(tmp_path):
    assert npz_files.read("kmnist", tmp_path) is None
    assert npz_files.read_one_shot(tmp_path) is None


def test_file_names_have_an_alternative():
    assert npz_files.file_names("mnist") == ("mnist.npz",)
    expected = ("emnist.npz", "emnist_balanced.npz")
    assert npz_files.file_names("emnist") == expected


def test_first_bit_of_a_byte_is_the_first_pixel():
    # 2 x 5 pixels fill one byte and two bits of the next.
    packed = np.array([[0b10000010, 0b01111111]], np.uint8)
    expected = [[[255, 0, 0, 0, 0], [0, 255, 0, 0, 255]]]
    np.testing.assert_array_equal(
        npz_files.unpack_bits(packed, (2, 5)), expected
    )


@pytest.mark.parametrize("shape", [(7, 9), (8, 8), (1, 1)])
def test_unpacked_bits_equal_packed_bits(shape):
    bits = np.random.default_rng(0).integers(0, 2, (5, *shape), dtype=np.uint8)
    packed = np.packbits(bits.reshape(5, -1), axis=1)
    unpacked = npz_files.unpack_bits(packed, shape)
    np.testing.assert_array_equal(unpacked, bits * 255)


@pytest.mark.parametrize(
    "packed",
    [np.zeros((3, 2), np.uint8), np.zeros((3, 1)), np.zeros(1, np.uint8)],
)
def test_wrong_bits_raise(packed):
    with pytest.raises(ValueError, match=r"2 x 3 bits must be .* \[N, 1\]"):
        npz_files.unpack_bits(packed, (2, 3))


_BITS = (np.random.default_rng(0).random((4, 6, 6)) < 0.3).astype(np.uint8)
_PACKED = np.packbits(_BITS.reshape(4, -1), axis=1)
_OMNIGLOT = {
    "image_shape": np.array([6, 6]),
    "background_images_packed": _PACKED[:3],
    "background_class_id": np.array([2, 1, 2], np.uint16),
    "background_alphabet": np.array([0, 1, 0], np.uint8),
    "background_character": np.array([1, 5, 1], np.uint8),
    "background_alphabet_names": np.array(["Greek", "Latin"]),
    "evaluation_images_packed": _PACKED[3:],
    "evaluation_class_id": np.array([3], np.uint16),
    "evaluation_alphabet": np.array([0], np.uint8),
    "evaluation_character": np.array([2], np.uint8),
    "evaluation_alphabet_names": np.array(["Tengwar"]),
}


def test_omniglot_is_unpacked(tmp_path):
    found = _read(tmp_path, "omniglot", "omniglot.npz", **_OMNIGLOT)
    np.testing.assert_array_equal(found.images["train"], _BITS[:3] * 255)
    np.testing.assert_array_equal(found.images["test"], _BITS[3:] * 255)
    assert found.labels["train"].tolist() == [1, 0, 1]
    assert found.labels["test"].tolist() == [2]
    assert found.class_names == ("Latin_4", "Greek_0", "Tengwar_1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_shape": np.array([6, 7])}, r"packed as uint8 \[N, 6\], got"),
        ({"image_shape": np.array([35])}, r"image_shape \(H, W\), got \(35,\)"),
        ({"background_images_packed": _PACKED[:3] / 1.0}, r"float64 \[3, 5\]"),
        ({"image_shape": np.array([-5, -7])}, r"\(H, W\), got \(-5, -7\)"),
        (
            {"background_character": np.array([1, 5])},
            r"3 images of background, got .* \[\(3,\), \(3,\), \(2,\)\]",
        ),
        (
            {"evaluation_alphabet": np.array([1])},
            r"alphabet must lie in 0 \.\. 0, got 1\.",
        ),
        ({"evaluation_alphabet": np.array([-1])}, r"in 0 \.\. 0, got -1\."),
    ],
)
def test_wrong_omniglot_arrays_raise(tmp_path, changes, message):
    arrays = _OMNIGLOT | changes
    with pytest.raises(ValueError, match=rf"omniglot\.npz.*{message}"):
        _read(tmp_path, "omniglot", "omniglot.npz", **arrays)


def test_one_shot_runs_are_read(tmp_path):
    bits = np.eye(6, dtype=np.uint8).reshape(1, 2, 3, 6)
    arrays = {"support": bits, "query": 1 - bits}
    arrays["query_label"] = np.array([[1, 0]], np.uint8)
    np.savez(tmp_path / "omniglot_oneshot.npz", **arrays)
    runs = npz_files.read_one_shot(tmp_path)
    np.testing.assert_array_equal(runs.support, bits * 255)
    np.testing.assert_array_equal(runs.query, 255 - bits * 255)
    assert runs.answers.tolist() == [[1, 0]]
    arrays["query_label"] = np.array([1, 0])
    np.savez(tmp_path / "omniglot_oneshot.npz", **arrays)
    with pytest.raises(ValueError, match=r"query_label \[R, C\], got .*\[2\]"):
        npz_files.read_one_shot(tmp_path)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"x_train": np.zeros((4, 784), np.uint8)}, r"got uint8 \[4, 784\]"),
        ({"x_test": np.zeros((2, 28, 28))}, r"test .* got float64 \[2, 28"),
        ({"x_test": np.zeros((2, 14, 14), np.uint8)}, "one size, got"),
        ({"y_train": np.zeros(3, np.uint8)}, r"must be \[4\].* got \[3\]"),
        ({"y_test": np.array([2, 10])}, r"lie in 0 .. 9, got 2 .. 10"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8)}, "N > 0"),
    ],
)
def test_wrong_arrays_raise(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        _read(tmp_path, **_arrays(**changes))
    assert "mnist.npz" in str(error.value)


@pytest.mark.parametrize("labels", [[0, 1.5, 2], ["a", "b", "c"]])
def test_labels_that_are_no_numbers_of_classes_raise(tmp_path, labels):
    changes = {"x_train": np.zeros([3, 8, 8], np.uint8), "y_train": labels}
    with pytest.raises(ValueError, match=r"mnist\.npz must have whole numbers"):
        _read(tmp_path, **_arrays(**changes))


def test_missing_array_raises(tmp_path):
    arrays = _arrays()
    del arrays["y_test"]
    message = "must hold the array 'y_test', got only x_train"
    with pytest.raises(ValueError, match=message):
        _read(tmp_path, **arrays)


@pytest.mark.parametrize("content", [b"", b"not a zip", None])
def test_damaged_file_raises(tmp_path, content):
    path = tmp_path / "mnist.npz"
    np.savez(path, **_arrays())
    path.write_bytes(path.read_bytes()[:-50] if content is None else content)
    with pytest.raises(ValueError, match="mnist.npz is not a readable npz"):
        npz_files.read("mnist", tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"query": np.full((1, 2, 3, 6), 255)}, "1 for ink .* from 255 to 255"),
        ({"query_label": np.array([[1, 2]])}, r"lie in 0 .. 1, got 1 .. 2"),
        ({"query_label": np.array([[-1, 0]])}, r"lie in 0 .. 1, got -1 .. 0"),
    ],
)
def test_wrong_one_shot_arrays_raise(tmp_path, changes, message):
    bits = np.zeros((1, 2, 3, 6), np.uint8)
    arrays = {"support": bits, "query": bits, "query_label": np.array([[0, 1]])}
    np.savez(tmp_path / "omniglot_oneshot.npz", **arrays | changes)
    with pytest.raises(ValueError, match=message) as error:
        npz_files.read_one_shot(tmp_path)
    assert "omniglot_oneshot.npz" in str(error.value)


def test_black_ink_on_white_paper_is_inverted(tmp_path, caplog):
    arrays = _arrays()
    inverted = {k: 255 - v if k[0] == "x" else v for k, v in arrays.items()}
    found = _read(tmp_path, **inverted)
    for split in ("train", "test"):
        np.testing.assert_array_equal(found.images[split], arrays[f"x_{split}"])
    assert "mnist.npz has black ink on white paper" in caplog.text


def test_one_shot_runs_of_black_ink_are_inverted(tmp_path, caplog):
    bits = np.zeros([2, 1, 2, 5, 5], np.uint8)
    bits[..., 2, 1:4] = 1
    names = ("support", "query")
    arrays = dict(zip(names, 1 - bits, strict=True))
    arrays["query_label"] = np.array([[1, 0]], np.uint8)
    np.savez(tmp_path / "omniglot_oneshot.npz", **arrays)
    runs = npz_files.read_one_shot(tmp_path)
    np.testing.assert_array_equal(runs.support, bits[0] * 255)
    np.testing.assert_array_equal(runs.query, bits[1] * 255)
    assert "omniglot_oneshot.npz has black ink" in caplog.text


def _write_published(folder):
    """Writes KMNIST's four files; returns their arrays."""
    arrays = _arrays()
    for key, array in arrays.items():
        kind = {"x": "imgs", "y": "labels"}[key[0]]
        np.savez(folder / f"kmnist-{key[2:]}-{kind}.npz", array)
    return arrays


def test_published_files_of_kmnist_are_read(tmp_path):
    arrays = _write_published(tmp_path)
    assert npz_files.read("mnist", tmp_path) is None
    found = npz_files.read("kmnist", tmp_path)
    for split in ("train", "test"):
        np.testing.assert_array_equal(found.images[split], arrays[f"x_{split}"])
        np.testing.assert_array_equal(found.labels[split], arrays[f"y_{split}"])
    assert found.class_names[1] == "ki"
    assert found.origin == tmp_path
    _read(tmp_path, "kmnist", "kmnist.npz", **_arrays())
    assert npz_files.read("kmnist", tmp_path).origin.name == "kmnist.npz"


def test_missing_published_file_of_kmnist_raises(tmp_path):
    _write_published(tmp_path)
    (tmp_path / "kmnist-test-labels.npz").unlink()
    with pytest.raises(ValueError, match=r"lacks kmnist-test-labels\.npz; "):
        npz_files.read("kmnist", tmp_path)


def test_published_file_without_its_array_raises(tmp_path):
    _write_published(tmp_path)
    np.savez(tmp_path / "kmnist-test-imgs.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match="test-imgs.npz must hold .*'arr_0'"):
        npz_files.read("kmnist", tmp_path)
