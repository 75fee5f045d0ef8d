import numpy as np
import pytest

from tests.serving import rest_server_json
from tfdood.saved import session

_F32, _I32 = np.dtype(np.float32), np.dtype(np.int32)
_STRING = session.STRING


def _infos(**dtypes):
    return {k: session.TensorInfo(k, v, None) for k, v in dtypes.items()}


def _strings(*texts):
    array = np.empty(len(texts), object)
    array[:] = texts
    return array


@pytest.mark.parametrize(
    "request_",
    [
        {"instances": [{"x": [1, 2], "s": "a"}, {"x": [3, 4], "s": "b"}]},
        {"inputs": {"x": [[1, 2], [3, 4.0]], "s": ["a", {"b64": "Yg=="}]}},
    ],
)
def test_rows_and_columns_give_the_same_arrays(request_):
    arrays = rest_server_json.inputs(request_, _infos(x=_F32, s=_STRING))
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
def test_single_input_needs_no_name(request_, dtype, expected):
    array = rest_server_json.inputs(request_, _infos(x=dtype))["x"]
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
def test_inputs_that_do_not_fit_are_refused(request_, message):
    with pytest.raises(ValueError, match=message):
        rest_server_json.inputs(request_, _infos(x=_F32, n=_I32))


def test_answer_has_the_form_of_the_request():
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
    assert rest_server_json.answer(outputs, is_row=True) == {
        "predictions": rows
    }
    assert rest_server_json.answer(outputs, is_row=False) == {
        "outputs": columns
    }


def test_single_output_has_no_name():
    outputs = {"n": np.int32([1, 2])}
    assert rest_server_json.answer(outputs, is_row=True) == {
        "predictions": [1, 2]
    }
    assert rest_server_json.answer(outputs, is_row=False) == {"outputs": [1, 2]}


@pytest.mark.parametrize("other", [np.float32([1]), np.float32(1)])
def test_outputs_need_the_same_number_of_rows(other):
    with pytest.raises(ValueError, match="rows"):
        rest_server_json.answer(
            {"x": np.float32([1, 2]), "y": other}, is_row=True
        )


def test_signature_name_is_a_string():
    assert rest_server_json.signature_name({"signature_name": "draw"}) == "draw"
    assert rest_server_json.signature_name({}) == ""
    for wrong in ([], {"signature_name": 1}):
        with pytest.raises(ValueError, match="not a"):
            rest_server_json.signature_name(wrong)
