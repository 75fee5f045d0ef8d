import pathlib

import numpy as np
import pytest

from tfdood.files import npz

_ARRAYS = {"a": np.arange(2_000) % 7, "b": np.array("text")}


@pytest.fixture(name="path")
def _path(tmp_path):
    np.savez_compressed(tmp_path / "some.npz", **_ARRAYS)
    return tmp_path / "some.npz"


def test_all_arrays_are_read(path):
    found = npz.read(path)
    assert found.keys() == _ARRAYS.keys()
    for name, array in _ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def _flipped(content, place):
    return (
        content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
    )


def test_damaged_file_raises_or_reads_right(path):
    content = path.read_bytes()
    array_file = content.index(b"a.npy") + len(b"a.npy")
    damages = [b"", b"no archive", content[: len(content) // 2]]
    damages += [_flipped(content, array_file + 40 + i) for i in range(60)]
    damages += [_flipped(content, place) for place in range(40)]
    for damage in damages:
        path.write_bytes(damage)
        try:
            found = npz.read(path)
        except ValueError as error:
            assert "some.npz is not a readable npz file" in str(error)
        else:  # The damage was in a part that is not used, such as a date.
            np.testing.assert_array_equal(found["a"], _ARRAYS["a"])


def test_single_array_raises(tmp_path):
    np.save(tmp_path / "some.npy", _ARRAYS["a"])
    with pytest.raises(ValueError, match="not a readable npz file"):
        npz.read(tmp_path / "some.npy")


def test_absent_file_raises_os_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.npz"):
        npz.read(tmp_path / "none.npz")


def test_folder_raises_os_error(tmp_path):
    with pytest.raises(IsADirectoryError):
        npz.read(tmp_path)


def test_pickled_objects_are_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return pathlib.Path.touch, (tmp_path / "code_was_run",)

    np.savez(tmp_path / "some.npz", a=np.array([Trap()], object))
    with pytest.raises(ValueError, match="not a readable npz file"):
        npz.read(tmp_path / "some.npz")
    assert not (tmp_path / "code_was_run").exists()


def test_path_may_be_text(path):
    np.testing.assert_array_equal(npz.read(str(path))["a"], _ARRAYS["a"])


def test_missing_arrays_are_named_with_what_to_do(path):
    assert npz.read(path, ["a"]).keys() == _ARRAYS.keys()
    with pytest.raises(ValueError, match="arrays a, c, got a, b; make it new."):
        npz.read(path, ["a", "c"], "make it new")
