"""Requests and answers of TensorFlow Serving's REST protocol, as arrays.

Tensors are nested lists. Strings are text, or `{"b64": ...}` where they are
bytes. Floats are written so that reading them gives the same floats.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np

from export import meta_graph

# Kinds of numpy arrays that JSON is read into, and may be kept as.
_KINDS = {"f": "fi", "i": "i", "u": "i", "b": "b"}
_BYTES_SUFFIX = "_bytes"


def signature_name(request: Any) -> str:
    """The signature that a request names, or nothing.

    Raises:
        ValueError: If the request is no object, or the name no string.
    """
    if not isinstance(request, dict):
        raise ValueError("the request is not a JSON object")
    name = request.get("signature_name", "")
    if not isinstance(name, str):
        raise ValueError("'signature_name' is not a string")
    return name


def inputs(
    request: Mapping[str, Any], infos: Mapping[str, meta_graph.TensorInfo]
) -> dict[str, np.ndarray]:
    """The inputs that a request brings, in rows or in columns.

        {"instances": [{NAME: row, ...}, ...]} or, of one input, [row, ...]
        {"inputs": {NAME: rows, ...}} or, of one input, rows

    Args:
        request: read from JSON.
        infos: of the signature's inputs, by name.

    Raises:
        ValueError: If it is none of these, or does not fit the inputs.
    """
    if ("instances" in request) == ("inputs" in request):
        raise ValueError("the request needs one of 'instances' and 'inputs'")
    is_row = "instances" in request
    values = _columns(request["instances"]) if is_row else request["inputs"]
    if not isinstance(values, dict) or _is_base64(values):
        if len(infos) != 1:
            raise ValueError(f"the inputs {sorted(infos)} have to be named")
        values = {next(iter(infos)): values}
    if set(values) != set(infos):
        raise ValueError(f"the inputs are {sorted(infos)}, not {list(values)}")
    arrays = {}
    for name, value in values.items():
        try:
            arrays[name] = decode(value, infos[name].dtype)
        except ValueError as error:
            raise ValueError(f"input {name!r}: {error}") from error
    return arrays


def answer(outputs: Mapping[str, np.ndarray], is_row: bool) -> dict[str, Any]:
    """The answer with these outputs, in rows or in columns like the request.

        {"predictions": [{NAME: row, ...}, ...]} or, of one output, [row, ...]
        {"outputs": {NAME: rows, ...}} or, of one output, rows

    Args:
        outputs: arrays by name; strings are `bytes`, and written as such where
            the name ends in `_bytes`.
        is_row: whether to answer in rows.

    Raises:
        ValueError: If the outputs differ in their numbers of rows.
    """
    columns = {
        name: encode(array, as_bytes=name.endswith(_BYTES_SUFFIX))
        for name, array in outputs.items()
    }
    if not is_row:
        only = next(iter(columns.values()))
        return {"outputs": columns if len(columns) > 1 else only}
    rows = {array.shape[:1] for array in outputs.values()}
    if len(rows) != 1 or () in rows:
        raise ValueError("outputs differ in their numbers of rows")
    if len(columns) == 1:
        return {"predictions": next(iter(columns.values()))}
    rows = zip(*columns.values(), strict=True)
    return {"predictions": [dict(zip(columns, r, strict=True)) for r in rows]}


def encode(array: np.ndarray, as_bytes: bool) -> Any:
    """A value for JSON.

    Args:
        array: of any shape; strings are `bytes`.
        as_bytes: write strings as base64, not as text.
    """
    if array.dtype != meta_graph.STRING:
        return array.tolist()
    return _encode_strings(array.tolist(), as_bytes)


def decode(value: Any, dtype: np.dtype) -> np.ndarray:
    """The array that a value from JSON stands for.

    Args:
        value: a number or string, or lists of them, of any depth.
        dtype: of the array; strings become `bytes`.

    Raises:
        ValueError: If the value is of another type, or no array.
    """
    if dtype == meta_graph.STRING:
        shape = _shape(value)
        leaves = [_decode_string(leaf) for leaf in _leaves(value, shape)]
        array = np.empty(shape, object)
        array.flat = leaves
        return array
    array = np.array(value)
    if array.size == 0:
        return array.astype(dtype)
    if array.dtype.kind not in _KINDS[dtype.kind]:
        raise ValueError(f"not all values are of type {dtype}")
    if dtype.kind in "iu" and (array != array.astype(dtype)).any():
        raise ValueError(f"not all values fit in type {dtype}")
    return array.astype(dtype)


def _columns(rows: Any) -> Any:
    """Rows of named values as named columns; rows of one input as they are."""
    if not isinstance(rows, list) or not rows:
        raise ValueError("'instances' is not a list of at least one row")
    is_named = [isinstance(row, dict) and not _is_base64(row) for row in rows]
    if not any(is_named):
        return rows
    if not all(is_named) or any(set(row) != set(rows[0]) for row in rows):
        raise ValueError("'instances' name different inputs")
    return {name: [row[name] for row in rows] for name in rows[0]}


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["b64"]


def _encode_strings(value, as_bytes: bool):
    if isinstance(value, list):
        return [_encode_strings(item, as_bytes) for item in value]
    if as_bytes:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode(errors="replace")


def _decode_string(leaf) -> bytes:
    if isinstance(leaf, str):
        return leaf.encode()
    if not _is_base64(leaf) or not isinstance(leaf["b64"], str):
        raise ValueError('not all values are strings or {"b64": ...}')
    try:
        return base64.b64decode(leaf["b64"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def _shape(value) -> tuple[int, ...]:
    """The shape that a value has if all of its lists are alike."""
    if not isinstance(value, list):
        return ()
    return len(value), *(_shape(value[0]) if value else ())


def _leaves(value, shape: tuple[int, ...]) -> list:
    is_list = isinstance(value, list)
    if is_list != bool(shape) or (is_list and len(value) != shape[0]):
        raise ValueError("lists differ in length or depth")
    if not is_list:
        return [value]
    return [leaf for item in value for leaf in _leaves(item, shape[1:])]
