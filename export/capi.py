"""SavedModels run by TensorFlow's C API, without its Python.

The C API calls the C++ loader and session that TensorFlow Serving calls, so
that what loads and runs here does so there. `tf.saved_model.load` goes another
way, on which models pass that no server can run. Only the library of the
installed wheel is used: `tensorflow` is not imported.

    with capi.Session("models/dood_mnist/1") as session:
        outputs = session.run("reconstruct", {"images": images})
"""

import contextlib
import ctypes
import math
import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from export import c_library, meta_graph

_TAG = b"serve"
_TYPE_CODES = {dtype: code for code, dtype in meta_graph.DTYPES.items()}
_STRING_BYTES = 24  # sizeof(TF_TString)
_STATUS_CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"),
    *("NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED"),
    *("FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)


class Error(Exception):
    """What was refused, and why.

    Attributes:
        code: name of the status, such as "INVALID_ARGUMENT".
        message: without the name of the status.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Session:
    """A loaded SavedModel. Several threads may run it at once.

    Args:
        path: folder of the SavedModel, with `saved_model.pb`.

    Attributes:
        signatures: `meta_graph.Signature` by name.

    Raises:
        Error: If it cannot be loaded.
        ImportError: If TensorFlow is not installed.
    """

    def __init__(self, path: str | os.PathLike):
        self._library = c_library.load()
        self._graph = self._library.TF_NewGraph()
        self._session = None
        try:
            self.signatures = meta_graph.signatures(self._load(os.fspath(path)))
            self._ends = {
                info.name: self._end(info.name)
                for signature in self.signatures.values()
                for infos in signature
                for info in infos.values()
            }
        except BaseException:
            self.close()
            raise

    def run(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs a signature once.

        Dtypes and shapes are checked by TensorFlow alone, as in a server.

        Args:
            signature: its name.
            inputs: an array for each input; strings as `bytes`.
            outputs: names of those to compute; all by default.

        Returns:
            An array for each output; strings as `bytes` of dtype `object`.

        Raises:
            Error: If it is refused, or the session is closed.
        """
        if not self._session:
            raise Error("FAILED_PRECONDITION", "The session is closed.")
        infos = self._checked(signature, inputs, outputs)
        names = list(infos.outputs if outputs is None else outputs)
        values = self._run(
            [infos.inputs[name].name for name in inputs],
            [_as_array(name, value) for name, value in inputs.items()],
            [infos.outputs[name].name for name in names],
        )
        return dict(zip(names, values, strict=True))

    def close(self) -> None:
        """Frees the model; no thread may be running it."""
        session, graph = self._session, self._graph
        self._session = self._graph = None
        try:
            if session:
                with _status(self._library) as status:
                    self._library.TF_CloseSession(session, status)
                with _status(self._library) as status:
                    self._library.TF_DeleteSession(session, status)
        finally:
            if graph:
                self._library.TF_DeleteGraph(graph)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _load(self, path: str) -> bytes:
        """Loads the session; returns the serialised MetaGraphDef."""
        library = self._library
        options = library.TF_NewSessionOptions()
        buffer = library.TF_NewBuffer()
        tags = (ctypes.c_char_p * 1)(_TAG)
        try:
            with _status(library) as status:
                self._session = library.TF_LoadSessionFromSavedModel(
                    *(options, None, path.encode(), tags, len(tags)),
                    *(self._graph, buffer, status),
                )
            return ctypes.string_at(buffer[0].data, buffer[0].length)
        finally:
            library.TF_DeleteBuffer(buffer)
            library.TF_DeleteSessionOptions(options)

    def _end(self, name: str) -> c_library.Output:
        """Where a tensor, named `operation:index`, leaves the graph."""
        operation, _, index = name.partition(":")
        pointer = self._library.TF_GraphOperationByName(
            self._graph, operation.encode()
        )
        if not pointer:
            raise Error("NOT_FOUND", f"The graph has no tensor {name!r}.")
        return c_library.Output(pointer, int(index or 0))

    def _checked(
        self, name: str, inputs: Mapping, outputs: Sequence[str] | None
    ) -> meta_graph.Signature:
        if name not in self.signatures:
            raise Error(
                "FAILED_PRECONDITION",
                f'Serving signature key "{name}" not found; there are '
                f"{sorted(self.signatures)}.",
            )
        signature = self.signatures[name]
        if set(inputs) != set(signature.inputs):
            raise Error(
                "INVALID_ARGUMENT",
                f'The inputs of signature "{name}" are '
                f"{sorted(signature.inputs)}, got {sorted(inputs)}.",
            )
        if not set(outputs or ()) <= set(signature.outputs):
            raise Error(
                "INVALID_ARGUMENT",
                f'The outputs of signature "{name}" are '
                f"{sorted(signature.outputs)}, got {sorted(outputs)}.",
            )
        return signature

    def _run(
        self, sources: list[str], arrays: list[np.ndarray], results: list[str]
    ) -> list[np.ndarray]:
        """Feeds and fetches tensors by their names in the graph."""
        library, ends = self._library, self._ends
        fed = (ctypes.c_void_p * len(sources))()
        fetched = (ctypes.c_void_p * len(results))()
        try:
            for i, array in enumerate(arrays):
                fed[i] = _new_tensor(library, array)
            with _status(library) as status:
                library.TF_SessionRun(
                    *(self._session, None),
                    (c_library.Output * len(fed))(
                        *(ends[name] for name in sources)
                    ),
                    *(fed, len(fed)),
                    (c_library.Output * len(fetched))(
                        *(ends[name] for name in results)
                    ),
                    *(fetched, len(fetched)),
                    *(None, 0, None, status),
                )
            return [_read_tensor(library, tensor) for tensor in fetched]
        finally:
            for tensor in (*fed, *fetched):
                if tensor:
                    library.TF_DeleteTensor(tensor)


def _as_array(name: str, value) -> np.ndarray:
    """An array that `_new_tensor` can copy; its strings are `bytes`."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        # numpy would cut zeros off the ends of strings of other dtypes.
        array = np.array(value, object)
        texts = [
            text.encode() if isinstance(text, str) else text
            for text in array.flat
        ]
        if not all(isinstance(text, bytes) for text in texts):
            raise Error("INVALID_ARGUMENT", f"{name} holds more than strings.")
        array = np.empty(array.shape, object)
        array.flat = texts
    elif array.dtype not in _TYPE_CODES:
        raise Error(
            "INVALID_ARGUMENT",
            f"{name} has dtype {array.dtype}, which is not one of "
            f"{sorted(str(dtype) for dtype in _TYPE_CODES)}.",
        )
    return np.asarray(array, order="C")


def _new_tensor(library: ctypes.CDLL, array: np.ndarray) -> int:
    """A tensor with a copy of an array's numbers, or views of its strings.

    Views need no freeing, but the array has to outlive the tensor.
    """
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    is_string = array.dtype == meta_graph.STRING
    size = array.size * _STRING_BYTES if is_string else array.nbytes
    code = _TYPE_CODES[array.dtype]
    tensor = library.TF_AllocateTensor(code, shape, array.ndim, size)
    data = library.TF_TensorData(tensor)
    if is_string:
        for i, text in enumerate(array.flat):
            place = data + i * _STRING_BYTES
            library.TF_StringInit(place)
            library.TF_StringAssignView(place, text, len(text))
    else:
        ctypes.memmove(data, array.ctypes.data, size)
    return tensor


def _read_tensor(library: ctypes.CDLL, tensor: int) -> np.ndarray:
    """A copy of a tensor."""
    rank = library.TF_NumDims(tensor)
    shape = tuple(library.TF_Dim(tensor, i) for i in range(rank))
    code = library.TF_TensorType(tensor)
    if code not in meta_graph.DTYPES:
        raise Error("UNIMPLEMENTED", f"Cannot read tensors of DataType {code}.")
    array = np.empty(shape, meta_graph.DTYPES[code])
    data = library.TF_TensorData(tensor)
    if array.dtype == meta_graph.STRING:
        places = (data + i * _STRING_BYTES for i in range(math.prod(shape)))
        array.flat = [
            ctypes.string_at(
                library.TF_StringGetDataPointer(place),
                library.TF_StringGetSize(place),
            )
            for place in places
        ]
    else:
        ctypes.memmove(array.ctypes.data, data, array.nbytes)
    return array


@contextlib.contextmanager
def _status(library: ctypes.CDLL) -> Iterator[int]:
    """A status to be passed to one call, which raises what the call reports."""
    status = library.TF_NewStatus()
    try:
        yield status
        code = library.TF_GetCode(status)
        if code:
            message = library.TF_Message(status).decode(errors="replace")
            raise Error(_STATUS_CODES[code], message)
    finally:
        library.TF_DeleteStatus(status)
