"""Clients of TensorFlow Serving, and a client without a server.

All of them send and return numpy arrays:

    client = clients.GrpcClient("127.0.0.1:8500", "dood_quickdraw")
    outputs = client.predict("reconstruct", {"images": images})
"""

import abc
import contextlib
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfdood.saved import session, versions

from . import rest_json

try:
    import grpc
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc
except ModuleNotFoundError:  # The extra `serving` installs them.
    grpc = None

_UNLIMITED = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
_STATUS_CODES = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}
_DTYPES = {"f": np.float32, "i": np.int32, "b": np.bool_}


class Client(abc.ABC):
    """Runs the signatures of a model."""

    @abc.abstractmethod
    def predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs a signature.

        Args:
            signature: the name of the signature.
            inputs: an array for each input; strings as `bytes`.
            outputs: the names of the outputs to return; by default all.

        Returns:
            An array for each output; strings as `bytes`.

        Raises:
            session.Error: If the server cannot be reached, or if it refuses the
                request.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Closes the connection, or frees the model."""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class LocalClient(Client):
    """A client without a server: the model runs in this process.

    Args:
        model_dir: the folder of the model's versions; the newest version is
            loaded.

    Raises:
        FileNotFoundError: If there is no exported model.
        session.Error: If the model cannot be loaded.
    """

    def __init__(self, model_dir: str | os.PathLike) -> None:
        self._session = session.Session(versions.newest(model_dir))

    def predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """See `Client.predict`."""
        return self._session.run(signature, inputs, outputs)

    def close(self) -> None:
        """See `Client.close`."""
        self._session.close()


class GrpcClient(Client):
    """A client that uses gRPC. Several threads may use it at the same time.

    Args:
        server: `HOST:PORT`; the default port of TensorFlow Serving is 8500.
        model: the name of the model on the server.
        timeout: the time to wait for an answer, in seconds.

    Raises:
        session.Error: If the packages for gRPC are not installed.
    """

    def __init__(self, server: str, model: str, timeout: float = 30.0) -> None:
        if grpc is None:
            raise session.Error(
                "FAILED_PRECONDITION",
                "gRPC needs packages that are not installed. Run pip install "
                "'.[serving]' in the repository, or use REST "
                "(--protocol=rest).",
            )
        self._server, self._model, self._timeout = server, model, timeout
        self._channel = grpc.insecure_channel(server, _UNLIMITED)
        self._service = prediction_service_pb2_grpc.PredictionServiceStub(
            self._channel
        )

    def predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """See `Client.predict`."""
        request = predict_pb2.PredictRequest(output_filter=outputs)
        request.model_spec.name = self._model
        request.model_spec.signature_name = signature
        for name, array in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
        try:
            response = self._service.Predict(request, timeout=self._timeout)
        except grpc.RpcError as error:
            code, details = error.code().name, error.details()
            if code == "UNAVAILABLE":
                details = f"{self._server} cannot be reached: {details}"
            if code == "DEADLINE_EXCEEDED":
                details = _too_late(self._server, self._timeout)
            raise session.Error(code, details) from error
        return {k: tf.make_ndarray(v) for k, v in response.outputs.items()}

    def close(self) -> None:
        """See `Client.close`."""
        self._channel.close()


class RestClient(Client):
    """A client that uses REST. Several threads may use it at the same time.

    Args:
        server: `HOST:PORT`; the default port of TensorFlow Serving is 8501.
        model: the name of the model on the server.
        timeout: the time to wait for an answer, in seconds.
    """

    def __init__(self, server: str, model: str, timeout: float = 30.0) -> None:
        self._server, self._timeout = server, timeout
        name = urllib.parse.quote(model, safe="")
        self._url = f"http://{server}/v1/models/{name}:predict"

    def predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, np.ndarray]:
        """See `Client.predict`.

        The server always sends all outputs. If a signature has only one output,
        the server does not send the name of this output, and the client names
        the output `outputs`.
        """
        columns = {
            name: rest_json.encode(_as_array(value))
            for name, value in inputs.items()
        }
        answer = self._post({"signature_name": signature, "inputs": columns})
        if not isinstance(answer, dict) or "outputs" not in answer:
            raise session.Error(
                "UNKNOWN", f"{self._server} answered without outputs: {answer}"
            )
        values = answer["outputs"]
        if not isinstance(values, dict):
            values = {"outputs": values}
        unknown = set(outputs or ()) - set(values)
        if unknown:
            raise session.Error(
                "INVALID_ARGUMENT",
                f'The outputs of signature "{signature}" are '
                f"{sorted(values)}, got {sorted(unknown)}.",
            )
        wanted = values if outputs is None else outputs
        return {name: _from_json(values[name]) for name in wanted}

    def close(self) -> None:
        """Does nothing, because each request has its own connection."""

    def _post(self, request: dict) -> Any:
        data = json.dumps(request).encode()
        headers = {"Content-Type": "application/json"}
        http_request = urllib.request.Request(self._url, data, headers)
        try:
            with urllib.request.urlopen(
                http_request, timeout=self._timeout
            ) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            code = _STATUS_CODES.get(error.code, "UNKNOWN")
            raise session.Error(code, _message(error)) from error
        except OSError as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                message = _too_late(self._server, self._timeout)
                raise session.Error("DEADLINE_EXCEEDED", message) from error
            raise session.Error(
                "UNAVAILABLE", f"{self._server} cannot be reached: {reason}"
            ) from error
        except http.client.HTTPException as error:
            raise session.Error(
                "UNAVAILABLE",
                f"{self._server} cannot be reached by REST: it did not answer "
                "with HTTP; give the server's port of REST.",
            ) from error
        except ValueError as error:
            raise session.Error(
                "UNKNOWN", f"{self._server} did not answer with JSON: {error}"
            ) from error


def _too_late(server: str, timeout: float) -> str:
    return (
        f"{server} did not answer within {timeout:g} seconds; allow more "
        "(--timeout)."
    )


def _message(error: urllib.error.HTTPError) -> str:
    with contextlib.suppress(
        ValueError, KeyError, TypeError, OSError, http.client.HTTPException
    ):
        reason = json.load(error)["error"]
        if isinstance(reason, str):
            return reason
    return f"HTTP {error.code} {error.reason}"


def _as_array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    return np.array(value, object) if array.dtype.kind in "SU" else array


def _from_json(value: Any) -> np.ndarray:
    array = np.array(value)
    if array.dtype.kind in _DTYPES:
        return array.astype(_DTYPES[array.dtype.kind])
    return rest_json.decode_strings(value)
