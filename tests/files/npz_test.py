import numpy as np
import pytest

from tfdood.files import npz

_ARRAYS = {"a": np.arange(2_000) % 7, "b": np.array("text")}


@pytest.fixture(name="path")
def _path(tmp_path):
    np.savez_compressed(tmp_path / "some.npz", **_ARRAYS)
    return tmp_path / "some.npz"


def test_reads_all_arrays(path):
    found = npz.read(path)
    assert found.keys() == _ARRAYS.keys()
    for name, array in _ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def _flipped(content, place):
    return (
        content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
    )


def test_damaged_files_are_named(path):
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
        else:  # Dates of archives, say, are of no account.
            np.testing.assert_array_equal(found["a"], _ARRAYS["a"])


def test_a_single_array_is_no_npz_file(tmp_path):
    np.save(tmp_path / "some.npy", _ARRAYS["a"])
    with pytest.raises(ValueError, match="not a readable npz file"):
        npz.read(tmp_path / "some.npy")


def test_an_absent_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.npz"):
        npz.read(tmp_path / "none.npz")
