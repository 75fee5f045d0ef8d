"""Signatures of a serialised MetaGraphDef, read without TensorFlow.

TensorFlow's own protocol buffers cannot be imported without all of it. The few
fields that are needed are read off the wire: protobuf.dev, "Encoding".
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

STRING = np.dtype(object)
# DataType of TensorFlow, and how numpy keeps it.
DTYPES = {
    1: np.dtype(np.float32),
    2: np.dtype(np.float64),
    3: np.dtype(np.int32),
    4: np.dtype(np.uint8),
    7: STRING,
    9: np.dtype(np.int64),
    10: np.dtype(np.bool_),
}

# Numbers of fields.
_META_GRAPH_SIGNATURE = 5
_KEY, _VALUE = 1, 2
_SIGNATURE_INPUT, _SIGNATURE_OUTPUT = 1, 2
_TENSOR_NAME, _TENSOR_DTYPE, _TENSOR_SHAPE = 1, 2, 3
_SHAPE_SIZE, _SHAPE_UNKNOWN_RANK = 2, 3
_SIZE = 1
# Signatures that initialise a model start so, and cannot be called.
_PRIVATE = "__saved_model"
# Kinds of values on the wire.
_VARINT, _LENGTH_DELIMITED = 0, 2
_FIXED_BYTES = {1: 8, 5: 4}


class TensorInfo(NamedTuple):
    """A named input or output of a signature.

    Attributes:
        name: of the tensor in the graph.
        dtype: of its numpy array; `STRING` for strings, which are `bytes`;
            None if it is none of `DTYPES`.
        shape: with -1 for sizes that may vary; None if the rank may vary.
    """

    name: str
    dtype: np.dtype | None
    shape: tuple[int, ...] | None


class Signature(NamedTuple):
    """The inputs and outputs of a signature, by name."""

    inputs: dict[str, TensorInfo]
    outputs: dict[str, TensorInfo]


def signatures(meta_graph: bytes) -> dict[str, Signature]:
    """The signatures of a model, by name.

    Args:
        meta_graph: a serialised MetaGraphDef.
    """
    entries = _entries(memoryview(meta_graph), _META_GRAPH_SIGNATURE)
    return {
        name: Signature(
            _tensor_infos(value, _SIGNATURE_INPUT),
            _tensor_infos(value, _SIGNATURE_OUTPUT),
        )
        for name, value in sorted(entries)
        if not name.startswith(_PRIVATE)
    }


def _tensor_infos(signature: memoryview, field: int) -> dict[str, TensorInfo]:
    entries = _entries(signature, field)
    return {name: _tensor_info(value) for name, value in sorted(entries)}


def _tensor_info(message: memoryview) -> TensorInfo:
    fields = dict(_fields(message))
    return TensorInfo(
        bytes(fields.get(_TENSOR_NAME, b"")).decode(),
        DTYPES.get(fields.get(_TENSOR_DTYPE)),
        _shape(fields.get(_TENSOR_SHAPE, memoryview(b""))),
    )


def _shape(message: memoryview) -> tuple[int, ...] | None:
    fields = list(_fields(message))
    if dict(fields).get(_SHAPE_UNKNOWN_RANK):
        return None
    sizes = (
        dict(_fields(value)).get(_SIZE, 0)
        for field, value in fields
        if field == _SHAPE_SIZE
    )
    return tuple(-1 if size >> 63 else size for size in sizes)


def _entries(
    message: memoryview, field: int
) -> Iterator[tuple[str, memoryview]]:
    """Keys and values of a map whose values are messages."""
    for number, entry in _fields(message):
        if number == field:
            fields = dict(_fields(entry))
            key = bytes(fields.get(_KEY, b"")).decode()
            yield key, fields.get(_VALUE, memoryview(b""))


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Numbers and values of the fields of a message."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        kind = tag & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
        else:
            if kind == _LENGTH_DELIMITED:
                size, position = _varint(message, position)
            else:
                size = _FIXED_BYTES[kind]
            value = message[position : position + size]
            position += size
        yield tag >> 3, value


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """A number of variable length, and the position after it."""
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return value, position
