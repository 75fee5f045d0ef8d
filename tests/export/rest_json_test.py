import json

import numpy as np
import pytest

from export import meta_graph, rest_json

_F32, _I32 = np.dtype(np.float32), np.dtype(np.int32)
_BOOL, _STRING = np.dtype(np.bool_), meta_graph.STRING


def _infos(**dtypes):
    return {k: meta_graph.TensorInfo(k, v, None) for k, v in dtypes.items()}


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
def test_arrays_survive_json(array):
    array = np.asarray(array)
    text = json.dumps(rest_json.encode(array, as_bytes=True))
    decoded = rest_json.decode(json.loads(text), array.dtype)
    assert decoded.dtype == array.dtype
    np.testing.assert_array_equal(decoded, array)


def test_text_is_text():
    encoded = rest_json.encode(_strings("ü".encode(), b"\xff"), as_bytes=False)
    assert encoded == ["ü", "\ufffd"]
    assert rest_json.decode(["ü"], _STRING)[0] == "ü".encode()


@pytest.mark.parametrize(
    "request_",
    [
        {"instances": [{"x": [1, 2], "s": "a"}, {"x": [3, 4], "s": "b"}]},
        {"inputs": {"x": [[1, 2], [3, 4.0]], "s": ["a", {"b64": "Yg=="}]}},
    ],
)
def test_rows_and_columns_bring_the_same(request_):
    arrays = rest_json.inputs(request_, _infos(x=_F32, s=_STRING))
    np.testing.assert_array_equal(arrays["x"], np.float32([[1, 2], [3, 4]]))
    assert arrays["x"].dtype == np.float32
    assert arrays["s"].tolist() == [b"a", b"b"]


@pytest.mark.parametrize(
    ("request_", "dtype", "expected"),
    [
        ({"instances": [1.5, 2]}, _F32, [1.5, 2.0]),
        ({"inputs": [1.5, 2]}, _F32, [1.5, 2.0]),
        ({"inputs": 3}, _I32, 3),
        ({"instances": [{"b64": "YQ=="}, "b"]}, _STRING, [b"a", b"b"]),
        ({"inputs": {"b64": "YQ=="}}, _STRING, b"a"),
        ({"instances": [{"x": 1}, {"x": 2}]}, _I32, [1, 2]),
    ],
)
def test_an_only_input_needs_no_name(request_, dtype, expected):
    array = rest_json.inputs(request_, _infos(x=dtype))["x"]
    assert array.dtype == dtype
    assert array.tolist() == expected


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "one of"),
        ({"inputs": [], "instances": []}, "one of"),
        ({"instances": []}, "at least one row"),
        ({"instances": {"x": 1, "n": 1}}, "at least one row"),
        ({"instances": [{"x": 1, "n": 1}, {"x": 2}]}, "different inputs"),
        ({"instances": [{"x": 1, "n": 1}, 2]}, "different inputs"),
        ({"instances": [1, 2]}, "have to be named"),
        ({"inputs": [1, 2]}, "have to be named"),
        ({"inputs": {"x": [1]}}, "the inputs are"),
        ({"inputs": {"x": [1], "n": [1], "z": [1]}}, "the inputs are"),
        ({"inputs": {"x": [[1], [1, 2]], "n": [1]}}, "'x'"),
        ({"inputs": {"x": ["1"], "n": [1]}}, "'x': not all .* float32"),
        ({"inputs": {"x": [None], "n": [1]}}, "'x': not all .* float32"),
        ({"inputs": {"x": [True], "n": [1]}}, "'x': not all .* float32"),
        ({"inputs": {"x": [1], "n": [1.5]}}, "'n': not all .* int32"),
        ({"inputs": {"x": [1], "n": [2**31]}}, "'n': not all values fit"),
        ({"inputs": {"x": [1], "n": [2**80]}}, "'n': not all .* int32"),
    ],
)
def test_refuses_what_does_not_fit(request_, message):
    with pytest.raises(ValueError, match=message):
        rest_json.inputs(request_, _infos(x=_F32, n=_I32))


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
def test_refuses_what_are_no_strings(value, message):
    with pytest.raises(ValueError, match=message):
        rest_json.decode(value, _STRING)


def test_answers_like_the_request():
    outputs = {
        "x": np.float32([[1], [2]]),
        "s": _strings(b"a", b"b"),
        "s_bytes": _strings(b"a", b"b"),
    }
    rows = [
        {"x": [1.0], "s": "a", "s_bytes": {"b64": "YQ=="}},
        {"x": [2.0], "s": "b", "s_bytes": {"b64": "Yg=="}},
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert rest_json.answer(outputs, is_row=True) == {"predictions": rows}
    assert rest_json.answer(outputs, is_row=False) == {"outputs": columns}


def test_an_only_output_has_no_name():
    outputs = {"n": np.int32([1, 2])}
    assert rest_json.answer(outputs, is_row=True) == {"predictions": [1, 2]}
    assert rest_json.answer(outputs, is_row=False) == {"outputs": [1, 2]}


@pytest.mark.parametrize("other", [np.float32([1]), np.float32(1)])
def test_rows_need_equal_numbers(other):
    with pytest.raises(ValueError, match="rows"):
        rest_json.answer({"x": np.float32([1, 2]), "y": other}, is_row=True)


def test_names_the_signature():
    assert rest_json.signature_name({"signature_name": "draw"}) == "draw"
    assert rest_json.signature_name({}) == ""
    for wrong in ([], {"signature_name": 1}):
        with pytest.raises(ValueError, match="not a"):
            rest_json.signature_name(wrong)
