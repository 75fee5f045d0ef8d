"""The newest version of a model, with its status and metadata."""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
)

from tfdood.saved import session as session_lib
from tfdood.saved import versions

DEFAULT_SIGNATURE = "serving_default"
# The only kind of metadata that there is.
METADATA = "signature_def"
_PREDICT = "tensorflow/serving/predict"
_AVAILABLE = get_model_status_pb2.ModelVersionStatus.State.AVAILABLE


class Servable(NamedTuple):
    """A loaded version of a model."""

    name: str
    version: int
    session: session_lib.Session

    def check(self, name: str, version: int | None) -> None:
        """Raises if a request names another model or version."""
        if name == self.name and version in (None, self.version):
            return
        wanted = f"Latest({name})"
        if version is not None:
            wanted = f"Specific({name}, {version})"
        raise session_lib.Error(
            "NOT_FOUND", f"Servable not found for request: {wanted}"
        )

    def metadata(self) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures."""
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in self.session.signatures.items():
            proto = signatures.signature_def[name]
            proto.method_name = _PREDICT
            for key, info in signature.inputs.items():
                proto.inputs[key].CopyFrom(_tensor_info(info))
            for key, info in signature.outputs.items():
                proto.outputs[key].CopyFrom(_tensor_info(info))
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = self.name
        response.model_spec.version.value = self.version
        response.metadata[METADATA].Pack(signatures)
        return response

    def status(self) -> get_model_status_pb2.GetModelStatusResponse:
        """The version that is served."""
        response = get_model_status_pb2.GetModelStatusResponse()
        served = response.model_version_status.add()
        served.version, served.state = self.version, _AVAILABLE
        served.status.SetInParent()
        return response


@contextlib.contextmanager
def newest(
    model_dir: str | os.PathLike, name: str | None = None
) -> Iterator[Servable]:
    """Loads the newest version of a model while the context lasts.

    Args:
        model_dir: a folder of numbered versions; the highest one is loaded.
        name: of the model; that of its folder by default.

    Yields:
        The `Servable`.

    Raises:
        session_lib.Error: If there is no version, or it cannot be loaded.
    """
    try:
        folder = versions.newest(pathlib.Path(model_dir).resolve())
    except FileNotFoundError as error:
        raise session_lib.Error("NOT_FOUND", str(error)) from error
    with session_lib.Session(folder) as session:
        yield Servable(name or folder.parent.name, int(folder.name), session)


def tf_dtype(dtype: np.dtype) -> tf.DType:
    """TensorFlow's dtype of a numpy dtype."""
    return tf.string if dtype == session_lib.STRING else tf.as_dtype(dtype)


def _tensor_info(info: session_lib.TensorInfo) -> meta_graph_pb2.TensorInfo:
    shape = tf.TensorShape(None)
    if info.shape is not None:
        shape = tf.TensorShape([None if n < 0 else n for n in info.shape])
    return meta_graph_pb2.TensorInfo(
        name=info.name,
        dtype=tf_dtype(info.dtype).as_datatype_enum,
        tensor_shape=shape.as_proto(),
    )
