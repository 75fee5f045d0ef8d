"""The server's half of the REST protocol, for `front_rest`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from export import rest_json
from tfdood.saved import session

_BYTES_SUFFIX = "_bytes"
# The kinds of numpy arrays from JSON that each wanted kind accepts.
_KINDS = {"f": "fi", "i": "i", "u": "i", "b": "b"}


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
    request: Mapping[str, Any], infos: Mapping[str, session.TensorInfo]
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
            arrays[name] = _decode(value, infos[name].dtype)
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
        name: rest_json.encode(array)
        if array.dtype != session.STRING or name.endswith(_BYTES_SUFFIX)
        else _as_text(array.tolist())
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


def _decode(value: Any, dtype: np.dtype) -> np.ndarray:
    if dtype == session.STRING:
        return rest_json.decode_strings(value)
    array = np.array(value)
    if array.size == 0:
        return array.astype(dtype)
    if array.dtype.kind not in _KINDS[dtype.kind]:
        raise ValueError(f"not all values are of type {dtype}")
    if dtype.kind in "iu" and (array != array.astype(dtype)).any():
        raise ValueError(f"not all values fit in type {dtype}")
    return array.astype(dtype)


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_as_text, value))
    return value.decode(errors="replace")


def _is_base64(value: Any) -> bool:
    return isinstance(value, dict) and list(value) == ["b64"]
