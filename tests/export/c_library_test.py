import importlib.util

import pytest

from export import c_library


@pytest.fixture(name="load")
def _load():
    """Loads anew, whatever was loaded before."""
    return c_library.load.__wrapped__


def test_its_functions_take_and_give_what_is_declared(load):
    library = load()
    status = library.TF_NewStatus()
    assert library.TF_GetCode(status) == 0
    assert library.TF_Message(status) == b""
    library.TF_DeleteStatus(status)


def test_tensors_have_the_shape_they_were_given(load):
    library = load()
    sizes = (c_library.ctypes.c_int64 * 2)(3, 5)
    tensor = library.TF_AllocateTensor(1, sizes, 2, 60)
    assert library.TF_NumDims(tensor) == 2
    assert [library.TF_Dim(tensor, axis) for axis in range(2)] == [3, 5]
    library.TF_DeleteTensor(tensor)


def test_without_tensorflow_it_says_so(load, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match="TensorFlow is not installed"):
        load()


def test_without_the_library_it_names_the_file(load, monkeypatch):
    monkeypatch.setattr(c_library, "_NAME", "libabsent.so")
    with pytest.raises(ImportError, match="Cannot load .*libabsent.so"):
        load()
