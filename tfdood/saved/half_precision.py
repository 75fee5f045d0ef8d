"""Stores the weights of a LiteRT model in half precision.

The half precision of TensorFlow's converter also rounds the constants of the
geometry, such as the centres of pixels, and moves strokes by them. Here a
constant is stored in half precision only if this loses nothing: round the
weights of a model before you convert it.
"""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

_FEWEST = 1024  # Smaller constants stay as they are.


def pack(content: bytes) -> bytes:
    """Halves the size of the constants that are exact in half precision.

    Args:
        content: a LiteRT model.

    Returns:
        A LiteRT model with the same outputs. It converts these constants to
        single precision when it is loaded.
    """
    model = flatbuffer_utils.convert_bytearray_to_object(content)
    halves = _halves(model)
    for number, half in halves.items():
        model.buffers[number].data = half.view(np.uint8)
    model.operatorCodes.append(_dequantize())
    for graph in model.subgraphs:
        _unpack_first(graph, halves, len(model.operatorCodes) - 1)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _halves(model: schema.ModelT) -> dict[int, np.ndarray]:
    """Finds the buffers that are exact in half precision, by number."""
    types = {
        tensor.buffer: tensor.type
        for graph in model.subgraphs
        for tensor in graph.tensors
    }
    halves = {}
    for number, buffer in enumerate(model.buffers):
        is_float = types.get(number) == schema.TensorType.FLOAT32
        if not is_float or buffer.data is None:
            continue
        values = np.frombuffer(bytes(buffer.data), np.float32)
        with np.errstate(over="ignore"):  # Infinity is not exact.
            half = values.astype(np.float16)
        if values.size >= _FEWEST and np.array_equal(half, values):
            halves[number] = half
    return halves


def _dequantize() -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = schema.BuiltinOperator.DEQUANTIZE
    code.deprecatedBuiltinCode = code.builtinCode
    code.version = 3  # The first one that reads half precision.
    return code


def _unpack_first(
    graph: schema.SubGraphT, halves: dict[int, np.ndarray], code: int
) -> None:
    """Adds operations to a graph that convert its constants back."""
    single = {}  # The number of the tensor that replaces each constant.
    for number, tensor in enumerate(list(graph.tensors)):
        if tensor.buffer in halves:
            single[number] = len(graph.tensors)
            graph.tensors.append(_single(tensor))
            tensor.type = schema.TensorType.FLOAT16
    for operator in graph.operators:
        operator.inputs = [single.get(i, i) for i in operator.inputs]
    graph.outputs = [single.get(i, i) for i in graph.outputs]
    graph.operators = [
        _operator(code, constant, replacement)
        for constant, replacement in single.items()
    ] + graph.operators


def _single(constant: schema.TensorT) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name = constant.name + b"/single"
    tensor.shape = constant.shape
    tensor.type = schema.TensorType.FLOAT32
    return tensor


def _operator(code: int, source: int, target: int) -> schema.OperatorT:
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs, operator.outputs = [source], [target]
    return operator
