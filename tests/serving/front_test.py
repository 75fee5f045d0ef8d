import concurrent.futures
import pathlib
import urllib.error
import urllib.request

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from export import clients
from tests.serving import front
from tfdood.saved import session as session_lib


def _images(rows, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(rows, 6, 6, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def channel(ports):
    with grpc.insecure_channel(f"127.0.0.1:{ports.grpc}") as channel:
        yield channel


@pytest.fixture(scope="module")
def prediction(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def _predict_request(images, model="tiny", signature="reconstruct"):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    request.inputs["images"].CopyFrom(tf.make_tensor_proto(images))
    return request


@pytest.mark.parametrize("rows", [1, 16])
@pytest.mark.parametrize("signature", ["", "reconstruct"])
def test_predicts_by_grpc(prediction, model_dir, rows, signature):
    images = _images(rows)
    response = prediction.Predict(_predict_request(images, "tiny", signature))
    assert response.model_spec.name == "tiny"
    assert response.model_spec.version.value == 10
    expected = signature or "serving_default"
    assert response.model_spec.signature_name == expected
    with session_lib.Session(model_dir / "10") as session:
        expected = session.run("reconstruct", {"images": images})
    assert set(response.outputs) == set(expected)
    for name, value in expected.items():
        array = tf.make_ndarray(response.outputs[name])
        assert array.dtype == value.dtype
        np.testing.assert_array_equal(array, value)


def test_only_asked_outputs_are_sent(prediction):
    request = _predict_request(_images(1))
    request.output_filter.extend(["blur"])
    assert list(prediction.Predict(request).outputs) == ["blur"]


def _wrong(change):
    request = _predict_request(_images(2))
    change(request)
    return request


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            lambda r: setattr(r.model_spec, "name", "large"),
            grpc.StatusCode.NOT_FOUND,
            "Latest(large)",
        ),
        (
            lambda r: setattr(r.model_spec.version, "value", 2),
            grpc.StatusCode.NOT_FOUND,
            "Specific(tiny, 2)",
        ),
        (
            lambda r: setattr(r.model_spec, "signature_name", "draw"),
            grpc.StatusCode.FAILED_PRECONDITION,
            '"draw" not found',
        ),
        (
            lambda r: r.inputs["seeds"].SetInParent(),
            grpc.StatusCode.INVALID_ARGUMENT,
            "tensor parsing error: seeds",
        ),
        (
            lambda r: r.inputs["images"].tensor_shape.dim.add(size=7),
            grpc.StatusCode.INVALID_ARGUMENT,
            "tensor parsing error: images",
        ),
        (
            lambda r: r.output_filter.append("ink"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "ink",
        ),
        (
            lambda r: r.inputs["images"].CopyFrom(
                tf.make_tensor_proto(_images(2) - 1)
            ),
            grpc.StatusCode.INVALID_ARGUMENT,
            "images must lie in [0, 1]",
        ),
    ],
)
def test_wrong_request_has_a_status(prediction, change, code, message):
    with pytest.raises(grpc.RpcError) as raised:
        prediction.Predict(_wrong(change))
    assert raised.value.code() == code
    assert message in raised.value.details()


def test_status_and_metadata(channel, prediction):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "tiny"
    with pytest.raises(grpc.RpcError, match="metadata_field"):
        prediction.GetModelMetadata(request)
    request.metadata_field.append("signature_def")
    response = prediction.GetModelMetadata(request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert response.model_spec.version.value == 10
    complete = signatures.signature_def["complete"]
    assert complete.method_name == "tensorflow/serving/predict"
    assert complete.inputs["seeds"].dtype == tf.int32.as_datatype_enum
    shape = tf.TensorShape(complete.outputs["control_points"].tensor_shape)
    assert shape.as_list() == [None, 2, 3, 2]
    echo = signatures.signature_def["echo"]
    assert echo.inputs["e"].dtype == tf.string.as_datatype_enum
    assert echo.inputs["e"].tensor_shape.unknown_rank

    status = get_model_status_pb2.GetModelStatusRequest()
    status.model_spec.name = "tiny"
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    (served,) = models.GetModelStatus(status).model_version_status
    assert served.version == 10
    assert served.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE


def test_model_can_have_another_name(model_dir):
    with front.serve(model_dir, name="other") as ports:
        url = f"http://127.0.0.1:{ports.rest}/v1/models/"
        assert urllib.request.urlopen(url + "other", timeout=60).status == 200
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url + "tiny", timeout=60)
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(url + "other", timeout=60)


def test_folder_without_versions_is_refused(tmp_path):
    (tmp_path / "1.unfinished").mkdir()
    (tmp_path / "1.unfinished" / "saved_model.pb").touch()
    with (
        pytest.raises(session_lib.Error, match="holds no exported model"),
        front.serve(tmp_path),
    ):
        pass


def _bombard(ports, num_requests):
    """The number of requests answered as they should be, 5 % malformed."""
    server = f"127.0.0.1:{ports.grpc}"
    with (
        clients.GrpcClient(server, "tiny") as client,
        concurrent.futures.ThreadPoolExecutor(8) as pool,
    ):

        def request(i):
            images = _images(1 + i % 3, seed=i)
            if i % 20:
                outputs = client.predict("reconstruct", {"images": images})
                return np.array_equal(outputs["canvas"], 0.5 * images)
            wrong, message = (
                (images + 1.0, "images must lie in [0, 1]"),
                (images.astype(np.float64), "float32, got float64"),
                (images[0], "reduction dimension"),
                (np.full_like(images, np.nan), "images must lie in [0, 1]"),
            )[i // 20 % 4]
            try:
                client.predict("reconstruct", {"images": wrong})
            except session_lib.Error as error:
                return (
                    error.code == "INVALID_ARGUMENT"
                    and message in error.message
                )
            return False

        return sum(pool.map(request, range(num_requests)))


def test_many_clients_are_answered(ports):
    assert _bombard(ports, 400) == 400


@pytest.mark.slow
@pytest.mark.skipif(
    not pathlib.Path("/proc/self/status").exists(),
    reason="memory is read from /proc",
)
def test_answers_ten_thousand_requests_in_flat_memory(ports):
    def megabytes():
        status = pathlib.Path("/proc/self/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    assert _bombard(ports, 2000) == 2000
    before = megabytes()
    assert _bombard(ports, 10_000) == 10_000
    assert megabytes() - before < 20
