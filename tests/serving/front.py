"""A loopback server around a C++ session, FOR TESTS AND BENCHMARKS ONLY.

It speaks as much of TensorFlow Serving's protocols, gRPC and REST, as tests of
clients need. The answers come from a C++ session. It is not TensorFlow Serving:
it does not batch, does not look for new versions, and does not limit requests.

    with front.serve("models/dood_mnist") as ports:
        channel = grpc.insecure_channel(f"127.0.0.1:{ports.grpc}")
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import NamedTuple

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tests.serving import front_rest, servable
from tfdood.saved import session as session_lib

HOST = "127.0.0.1"
_UNLIMITED = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]


class Ports(NamedTuple):
    """Ports of a server on 127.0.0.1."""

    grpc: int
    rest: int


@contextlib.contextmanager
def serve(
    model_dir: str | os.PathLike, name: str | None = None, num_threads: int = 16
) -> Iterator[Ports]:
    """Serves the newest version of a model while the context lasts.

    Args:
        model_dir: a folder of numbered versions; the highest one is served.
        name: of the model; that of its folder by default.
        num_threads: number of gRPC requests answered at once.

    Yields:
        The `Ports`, free ones.

    Raises:
        session_lib.Error: If there is no version, or it cannot be loaded.
    """
    with (
        servable.newest(model_dir, name) as model,
        _serve_grpc(model, num_threads) as grpc_port,
        front_rest.serve(model, HOST) as rest_port,
    ):
        yield Ports(grpc_port, rest_port)


@contextlib.contextmanager
def _serve_grpc(model: servable.Servable, num_threads: int) -> Iterator[int]:
    # The pool is closed after the server, so that answers are finished.
    with futures.ThreadPoolExecutor(num_threads) as pool:
        server = grpc.server(pool, options=_UNLIMITED)
        service = _Service(model)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            service, server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            service, server
        )
        port = server.add_insecure_port(f"{HOST}:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(grace=None).wait()


def _refusing(method: Callable) -> Callable:
    """Makes a method of the service answer errors with their status."""

    def run(self, request, context):
        spec = request.model_spec
        version = spec.version.value if spec.HasField("version") else None
        try:
            self.model.check(spec.name, version)
            return method(self, request)
        except session_lib.Error as error:
            code = getattr(grpc.StatusCode, error.code)
            return context.abort(code, error.message)

    return run


class _Service(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """Those parts of PredictionService and ModelService that are needed."""

    def __init__(self, model: servable.Servable):
        self.model = model

    @_refusing
    def Predict(self, request):  # noqa: N802
        """Runs a signature."""
        name = request.model_spec.signature_name or servable.DEFAULT_SIGNATURE
        inputs = {k: _make_array(k, v) for k, v in request.inputs.items()}
        wanted = list(request.output_filter) or None
        outputs = self.model.session.run(name, inputs, wanted)
        response = predict_pb2.PredictResponse()
        response.model_spec.name = self.model.name
        response.model_spec.version.value = self.model.version
        response.model_spec.signature_name = name
        for key, array in outputs.items():
            dtype = servable.tf_dtype(array.dtype)
            response.outputs[key].CopyFrom(
                tf.make_tensor_proto(array, dtype, array.shape)
            )
        return response

    @_refusing
    def GetModelMetadata(self, request):  # noqa: N802
        """The signatures."""
        if list(request.metadata_field) != [servable.METADATA]:
            raise session_lib.Error(
                "INVALID_ARGUMENT",
                f"metadata_field must be [{servable.METADATA!r}], got "
                f"{list(request.metadata_field)}",
            )
        return self.model.metadata()

    @_refusing
    def GetModelStatus(self, request):  # noqa: N802
        """The version that is served."""
        return self.model.status()


def _make_array(name: str, proto) -> np.ndarray:
    try:
        return tf.make_ndarray(proto)
    except (TypeError, ValueError) as error:
        raise session_lib.Error(
            "INVALID_ARGUMENT", f"tensor parsing error: {name}"
        ) from error
