import json

import numpy as np
import pytest

from export import rest_json
from tfdood.saved import session

_STRING = session.STRING


def _strings(*texts):
    array = np.empty(len(texts), object)
    array[:] = texts
    return array


@pytest.mark.parametrize(
    "array",
    [
        np.float32(0.1),
        np.random.default_rng(0).normal(size=(2, 3, 1)).astype(np.float32),
        np.zeros((0,), np.int32),
        np.array([[2**31 - 1], [-(2**31)]], np.int32),
        np.array([True, False]),
        _strings(b"", b"\0\xff\0", "ü".encode()),
    ],
)
def test_arrays_are_equal_after_a_json_round_trip(array):
    array = np.asarray(array)
    text = json.dumps(rest_json.encode(array, as_bytes=True))
    decoded = rest_json.decode(json.loads(text), array.dtype)
    assert decoded.dtype == array.dtype
    np.testing.assert_array_equal(decoded, array)


def test_text_is_utf8():
    encoded = rest_json.encode(_strings("ü".encode(), b"\xff"), as_bytes=False)
    assert encoded == ["ü", "\ufffd"]
    assert rest_json.decode(["ü"], _STRING)[0] == "ü".encode()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([["a"], ["b", "c"]], "differ"),
        (["a", ["b"]], "differ"),
        ([1], "strings"),
        ([{"b64": 1}], "strings"),
        ([{"b64": "YQ==", "x": 1}], "strings"),
        ([{"b64": "?"}], "base64"),
    ],
)
def test_values_other_than_strings_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        rest_json.decode(value, _STRING)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"b64": "YQ=="}, True), ({"b64": "YQ==", "x": 1}, False), ("b64", False)],
)
def test_bytes_are_objects_of_one_key(value, expected):
    assert rest_json.is_base64(value) == expected
