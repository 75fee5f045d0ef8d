"""SavedModels run as TensorFlow Serving runs them: by a C++ session.

`tf.saved_model.load` restores Python objects and accepts models that no server
can run. Among them is every `keras.Model` that was saved as a part of a
`tf.Module`: a session does not find the values of its variables. What runs
here runs in TensorFlow Serving, too.

    with session.Session("models/dood_mnist/1") as loaded:
        outputs = loaded.run("reconstruct", {"images": images})
"""

import contextlib
import logging
import os
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import (
    error_codes_pb2,
    meta_graph_pb2,
    saved_model_pb2,
)

STRING = np.dtype(object)
"""The dtype of arrays of strings; their elements are `bytes`."""

_TAG = "serve"
# Signatures that initialise a model have this prefix; they cannot be called.
_PRIVATE = "__saved_model"
# What the runtime writes before and after the reason of an error.
_BEFORE_REASON = re.compile(r"^\d+ root error\(s\) found\.\s+\(0\) [\w ]+: ")
_AFTER_REASON = "\n\t"


class Error(Exception):
    """A model, or a server of it, refused a request or cannot be used.

    Attributes:
        code: name of the status, such as "INVALID_ARGUMENT".
        message: the reason, without the name of the status.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class TensorInfo(NamedTuple):
    """An input or output of a signature.

    Attributes:
        name: of the tensor in the graph.
        dtype: of its numpy array; `STRING` for strings.
        shape: with -1 for sizes that may vary; None if the rank may vary.
    """

    name: str
    dtype: np.dtype
    shape: tuple[int, ...] | None


class Signature(NamedTuple):
    """The inputs and outputs of a signature, by name."""

    inputs: dict[str, TensorInfo]
    outputs: dict[str, TensorInfo]


class Session:
    """A loaded SavedModel. Several threads may run it at once.

    Args:
        path: folder of the SavedModel, with `saved_model.pb`.

    Attributes:
        signatures: `Signature` by name.

    Raises:
        Error: If it cannot be loaded.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        self.signatures = _signatures(_meta_graph(pathlib.Path(path)))
        graph = tf.Graph()
        self._session: tf.compat.v1.Session | None = tf.compat.v1.Session(
            graph=graph
        )
        try:
            with graph.as_default(), _explained(path), _without_warnings():
                # Python refuses arrays that do not have the shape of a
                # placeholder before the model can say what is wrong. Servers
                # do not; placeholders of any shape behave as servers do.
                self._fed = {
                    info.name: tf.compat.v1.placeholder(
                        info.dtype, name="session_input"
                    )
                    for signature in self.signatures.values()
                    for info in signature.inputs.values()
                }
                tf.compat.v1.saved_model.load(
                    self._session, [_TAG], os.fspath(path), input_map=self._fed
                )
        except BaseException:
            self.close()
            raise
        graph.finalize()

    def run(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs a signature once.

        Nothing is converted: an array must have the dtype of its input, as in
        a request to a server.

        Args:
            signature: its name.
            inputs: an array for each input; strings as `bytes` or `str`.
            outputs: names of those to compute; all by default.

        Returns:
            An array for each output; strings as `bytes` of dtype `object`.

        Raises:
            Error: If the request is refused, or the session is closed.
        """
        if self._session is None:
            raise Error("FAILED_PRECONDITION", "The session is closed.")
        infos = self._checked(signature, inputs, outputs)
        names = list(infos.outputs if outputs is None else outputs)
        feeds = {
            self._fed[infos.inputs[name].name]: _as_array(
                name, value, infos.inputs[name].dtype
            )
            for name, value in inputs.items()
        }
        fetches = {name: infos.outputs[name].name for name in names}
        try:
            values = self._session.run(fetches, feeds)
        except tf.errors.OpError as error:
            raise _refusal(error) from error
        return {
            name: np.asarray(values[name], infos.outputs[name].dtype)
            for name in names
        }

    def close(self) -> None:
        """Frees the model; no thread may be running it."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _checked(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str] | None,
    ) -> Signature:
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


def _meta_graph(path: pathlib.Path) -> meta_graph_pb2.MetaGraphDef:
    """The graph for serving, with its signatures."""
    file = path / "saved_model.pb"
    if not file.is_file():
        raise Error("NOT_FOUND", f"{path} holds no SavedModel: no {file.name}.")
    try:
        proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    except DecodeError as error:
        raise Error("DATA_LOSS", f"{file} is damaged: {error}.") from error
    tags = [list(graph.meta_info_def.tags) for graph in proto.meta_graphs]
    if [_TAG] not in tags:
        raise Error(
            "NOT_FOUND",
            f"{path} holds no graph for serving: expected the tags {[_TAG]}, "
            f"got {tags}.",
        )
    return proto.meta_graphs[tags.index([_TAG])]


def _signatures(
    meta_graph: meta_graph_pb2.MetaGraphDef,
) -> dict[str, Signature]:
    return {
        name: Signature(_infos(signature.inputs), _infos(signature.outputs))
        for name, signature in sorted(meta_graph.signature_def.items())
        if not name.startswith(_PRIVATE)
    }


def _infos(
    protos: Mapping[str, meta_graph_pb2.TensorInfo],
) -> dict[str, TensorInfo]:
    return {name: _info(proto) for name, proto in sorted(protos.items())}


def _info(proto: meta_graph_pb2.TensorInfo) -> TensorInfo:
    shape = None
    if not proto.tensor_shape.unknown_rank:
        shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    dtype = np.dtype(tf.as_dtype(proto.dtype).as_numpy_dtype)
    return TensorInfo(proto.name, dtype, shape)


def _as_array(name: str, value: Any, dtype: np.dtype) -> np.ndarray:
    """The array that is fed for an input."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        # numpy removes zeros at the ends of strings of other dtypes.
        array = _as_strings(name, np.array(value, object))
    if array.dtype != dtype:
        wanted, got = (
            "strings" if kind == STRING else str(kind)
            for kind in (dtype, array.dtype)
        )
        raise Error("INVALID_ARGUMENT", f"{name} must be {wanted}, got {got}.")
    return array


def _as_strings(name: str, array: np.ndarray) -> np.ndarray:
    texts = [
        text.encode() if isinstance(text, str) else text for text in array.flat
    ]
    if not all(isinstance(text, bytes) for text in texts):
        raise Error("INVALID_ARGUMENT", f"{name} must be strings, not all are.")
    strings = np.empty(array.shape, STRING)
    strings.flat = texts
    return strings


def _refusal(error: tf.errors.OpError) -> Error:
    """An error of the runtime, without traces of Python and of the graph."""
    # The error is a copy of the runtime's own, to which Python adds traces.
    own = error.__context__
    text = own.message if isinstance(own, tf.errors.OpError) else error.message
    reason = _BEFORE_REASON.sub("", text).partition(_AFTER_REASON)[0]
    return Error(error_codes_pb2.Code.Name(error.error_code), reason.strip())


@contextlib.contextmanager
def _explained(path: str | os.PathLike) -> Iterator[None]:
    """Turns the errors of loading into `Error`."""
    try:
        yield
    except tf.errors.OpError as error:
        refusal = _refusal(error)
        raise Error(
            refusal.code, f"{path} cannot be loaded: {refusal.message}"
        ) from error
    except (ValueError, KeyError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise Error(
            "FAILED_PRECONDITION", f"{path} cannot be loaded: {reason}"
        ) from error


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Hides TensorFlow's advice to load in Python, which is not wanted here."""

    def is_error(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING

    logger = tf.get_logger()
    logger.addFilter(is_error)
    try:
        yield
    finally:
        logger.removeFilter(is_error)
