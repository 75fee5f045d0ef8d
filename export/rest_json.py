"""Converts arrays to and from the JSON of TensorFlow Serving's REST protocol.

Tensors are nested lists. Strings are text, or `{"b64": ...}` for bytes. Floats
have enough digits to read exactly the same floats again.
"""

import base64
import binascii
from typing import Any

import numpy as np

from tfdood.saved import session


def encode(array: np.ndarray) -> Any:
    """Converts an array to a value for JSON.

    Args:
        array: an array of any shape; strings are `bytes`, and become base64.

    Returns:
        A number or an object `{"b64": ...}`, or nested lists of them.
    """
    if array.dtype != session.STRING:
        return array.tolist()
    return _encode_strings(array.tolist())


def decode_strings(value: Any) -> np.ndarray:
    """Converts strings from JSON to an array.

    Args:
        value: a string or an object `{"b64": ...}`, or nested lists of them.

    Returns:
        The array, of `bytes`.

    Raises:
        ValueError: If the value has another type, or if its lists differ in
            length or depth.
    """
    shape = _shape(value)
    leaves = [_decode_string(leaf) for leaf in _leaves(value, shape)]
    array = np.empty(shape, object)
    array.flat = leaves
    return array


def _encode_strings(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_encode_strings, value))
    return {"b64": base64.b64encode(value).decode()}


def _decode_string(leaf: Any) -> bytes:
    if isinstance(leaf, str):
        return leaf.encode()
    is_base64 = isinstance(leaf, dict) and list(leaf) == ["b64"]
    if not is_base64 or not isinstance(leaf["b64"], str):
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
