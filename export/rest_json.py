"""Converts arrays to and from the JSON of TensorFlow Serving's REST protocol.

Tensors are nested lists. Strings are text, or `{"b64": ...}` for bytes. Floats
have enough digits to read exactly the same floats again.
"""

import base64
import binascii
from typing import Any

import numpy as np

from tfdood.saved import session

# The kinds of numpy arrays from JSON that each wanted kind accepts.
_KINDS = {"f": "fi", "i": "i", "u": "i", "b": "b"}


def encode(array: np.ndarray, as_bytes: bool) -> Any:
    """Converts an array to a value for JSON.

    Args:
        array: an array of any shape; strings are `bytes`.
        as_bytes: whether strings are written as base64, not as text.

    Returns:
        A number or string, or nested lists of them.
    """
    if array.dtype != session.STRING:
        return array.tolist()
    return _encode_strings(array.tolist(), as_bytes)


def decode(value: Any, dtype: np.dtype) -> np.ndarray:
    """Converts a value from JSON to an array.

    Args:
        value: a number or string, or nested lists of them.
        dtype: the dtype of the array; strings become `bytes`.

    Returns:
        The array.

    Raises:
        ValueError: If the value has another type, or if its lists differ in
            length or depth.
    """
    if dtype == session.STRING:
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


def is_base64(value: Any) -> bool:
    """Returns whether a value from JSON represents bytes.

    Args:
        value: a value from JSON.
    """
    return isinstance(value, dict) and list(value) == ["b64"]


def _encode_strings(value: Any, as_bytes: bool) -> Any:
    if isinstance(value, list):
        return [_encode_strings(item, as_bytes) for item in value]
    if as_bytes:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode(errors="replace")


def _decode_string(leaf: Any) -> bytes:
    if isinstance(leaf, str):
        return leaf.encode()
    if not is_base64(leaf) or not isinstance(leaf["b64"], str):
        raise ValueError('not all values are strings or {"b64": ...}')
    try:
        return base64.b64decode(leaf["b64"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def _shape(value: Any) -> tuple[int, ...]:
    """Returns the shape of a value whose lists of a level have equal length."""
    if not isinstance(value, list):
        return ()
    return len(value), *(_shape(value[0]) if value else ())


def _leaves(value: Any, shape: tuple[int, ...]) -> list[Any]:
    is_list = isinstance(value, list)
    if is_list != bool(shape) or (is_list and len(value) != shape[0]):
        raise ValueError("lists differ in length or depth")
    if not is_list:
        return [value]
    return [leaf for item in value for leaf in _leaves(item, shape[1:])]
