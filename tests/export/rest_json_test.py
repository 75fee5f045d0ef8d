import json

import numpy as np
import pytest

from export import rest_json


@pytest.mark.parametrize(
    "array",
    [
        np.float32(0.1),
        np.random.default_rng(0).normal(size=(2, 3, 1)).astype(np.float32),
        np.zeros((0,), np.int32),
        np.array([[2**31 - 1], [-(2**31)]], np.int32),
        np.array([True, False]),
    ],
)
def test_numbers_are_equal_after_a_json_round_trip(array):
    array = np.asarray(array)
    text = json.dumps(rest_json.encode(array))
    decoded = np.array(json.loads(text)).astype(array.dtype)
    np.testing.assert_array_equal(decoded, array)


def test_strings_are_equal_after_a_json_round_trip():
    array = np.array([[b"", b"\0\xff\0"], ["ü".encode(), b"a"]], object)
    text = json.dumps(rest_json.encode(array))
    decoded = rest_json.decode_strings(json.loads(text))
    assert decoded.dtype == object
    np.testing.assert_array_equal(decoded, array)


def test_text_is_utf8():
    assert rest_json.decode_strings(["ü"])[0] == "ü".encode()


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
        rest_json.decode_strings(value)
