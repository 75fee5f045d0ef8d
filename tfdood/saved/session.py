"""Runs SavedModels in a C++ session, as TensorFlow Serving does.

`tf.saved_model.load` restores Python objects, so it also accepts models that no
server can run. An example is a `keras.Model` that was saved as a part of a
`tf.Module`: a session does not find the values of its variables. A model that
runs in a `Session` also runs in TensorFlow Serving.

    with session.Session("models/dood_mnist/1") as loaded:
        outputs = loaded.run("reconstruct", {"images": images})
"""

# Results do not depend on what else of this package is imported.
from tfdood import quiet  # noqa: F401  # isort: skip

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

from tfdood.files import patterns

STRING = np.dtype(object)
"""The dtype of arrays of strings; their elements are `bytes`."""

_TAG = "serve"
# The prefix of signatures that only initialise a model.
_PRIVATE = "__saved_model"
# The text of the runtime before and after the reason of an error.
_BEFORE_REASON = re.compile(r"^\d+ root error\(s\) found\.\s+\(0\) [\w ]+: ")
_AFTER_REASON = "\n\t"


class Error(Exception):
    """A model or a server refused a request, or cannot be used.

    Attributes:
        code: the name of the status, such as "INVALID_ARGUMENT".
        message: the reason, without the name of the status.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def reason(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


class TensorInfo(NamedTuple):
    """An input or output of a signature.

    Attributes:
        name: the name of the tensor in the graph.
        dtype: the dtype of its numpy array; `STRING` for strings.
        shape: its shape, with -1 for variable sizes; None for a variable rank.
    """

    name: str
    dtype: np.dtype
    shape: tuple[int, ...] | None


class Signature(NamedTuple):
    """The inputs and outputs of a signature, by name."""

    inputs: dict[str, TensorInfo]
    outputs: dict[str, TensorInfo]


class Session:
    """A loaded SavedModel. Several threads may run it at the same time.

    Args:
        path: the folder of the SavedModel, which holds `saved_model.pb`.

    Attributes:
        signatures: the signatures by name.

    Raises:
        ValueError: If the path has a character that TensorFlow takes for a
            pattern, such as `*`, `?` or `[`.
        Error: If the SavedModel cannot be loaded.
    """

    def __init__(self, path: str | os.PathLike) -> None:
        patterns.refuse(path)
        self.signatures = _signatures(_meta_graph(pathlib.Path(path)))
        graph = tf.Graph()
        self._session: tf.compat.v1.Session | None = tf.compat.v1.Session(
            graph=graph
        )
        try:
            with graph.as_default(), _explained(path), _without_warnings():
                # With the model's own placeholders, Python would refuse arrays
                # of wrong shapes before the model's checks run. Servers do not;
                # placeholders of any shape behave like servers.
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

        As in a request to a server, an array must have the dtype of its input.

        Args:
            signature: the name of the signature.
            inputs: an array for each input; strings as `bytes` or `str`.
            outputs: the names of the outputs to compute; by default all.

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
        """Frees the model. No thread may run it at this time."""
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
                f'Serving signature key "{name}" not found; choose from '
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
    """Reads the graph for serving, with its signatures."""
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


def _signatures(graph: meta_graph_pb2.MetaGraphDef) -> dict[str, Signature]:
    return {
        name: Signature(_infos(signature.inputs), _infos(signature.outputs))
        for name, signature in sorted(graph.signature_def.items())
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
    """Makes the array of an input, and checks its dtype."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        # In other string dtypes, numpy removes zeros at the ends of strings.
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
    """Removes the traces of Python and of the graph from an error."""
    # The error is a copy of the runtime's error; Python adds traces to it.
    own = error.__context__
    text = own.message if isinstance(own, tf.errors.OpError) else error.message
    reason = _BEFORE_REASON.sub("", text).partition(_AFTER_REASON)[0]
    return Error(error_codes_pb2.Code.Name(error.error_code), reason.strip())


@contextlib.contextmanager
def _explained(path: str | os.PathLike) -> Iterator[None]:
    """Raises the errors of loading as `Error`."""
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
    """Hides TensorFlow's warnings, which advise to load models in Python."""

    def is_error(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING

    logger = tf.get_logger()
    logger.addFilter(is_error)
    try:
        yield
    finally:
        logger.removeFilter(is_error)
