import base64
import json
import urllib.error
import urllib.request

import numpy as np
import pytest
import tensorflow as tf


def _images(rows, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(rows, 6, 6, 1)).astype(np.float32)


def _rest(ports, path, request=None):
    """The status and the answer of a POST, or of a GET without request."""
    data = None if request is None else json.dumps(request).encode()
    url = f"http://127.0.0.1:{ports.rest}{path}"
    try:
        with urllib.request.urlopen(url, data, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("path", ["", "/versions/10"])
def test_predicts(ports, path):
    images = _images(3)
    url = f"/v1/models/tiny{path}:predict"
    status, answer = _rest(
        ports,
        url,
        {
            "signature_name": "complete",
            "instances": [
                {"images": image.tolist(), "seeds": [4, i]}
                for i, image in enumerate(images)
            ],
        },
    )
    assert status == 200
    for row, image in zip(answer["predictions"], images, strict=True):
        np.testing.assert_array_equal(np.float32(row["canvas"]), image / 4)
        assert row["num_strokes"] == 2
    status, answer = _rest(ports, url, {"inputs": images.tolist()})
    assert status == 200
    canvas = np.float32(answer["outputs"]["canvas"])
    np.testing.assert_array_equal(canvas, images / 2)


def test_pictures_are_sent_in_base64(ports, png):
    data = {"b64": base64.b64encode(png.read_bytes()).decode()}
    for instance in (data, {"image_bytes": data}):
        request = {
            "signature_name": "reconstruct_bytes",
            "instances": [instance],
        }
        status, answer = _rest(ports, "/v1/models/tiny:predict", request)
        assert status == 200
        pixels = tf.io.decode_png(png.read_bytes()).numpy()
        np.testing.assert_allclose(
            answer["predictions"][0]["image"], pixels / 255, rtol=1e-5
        )


@pytest.mark.parametrize(
    ("path", "request_", "status", "message"),
    [
        ("/v1/models/large:predict", {}, 404, "Latest(large)"),
        ("/v1/models/tiny/versions/3:predict", {}, 404, "Specific(tiny, 3)"),
        ("/v1/models/tiny:classify", {}, 400, "Malformed request: POST"),
        ("/v1/models/tiny", {}, 400, "Malformed request: POST"),
        ("/v1/models/tiny:predict", [], 400, "not a JSON object"),
        ("/v1/models/tiny:predict", {}, 400, "'inputs'"),
        (
            "/v1/models/tiny:predict",
            {"signature_name": "draw", "inputs": [1]},
            400,
            '"draw" not found',
        ),
        (
            "/v1/models/tiny:predict",
            {"inputs": [[[[1.5]]]]},
            400,
            "images must lie in [0, 1]",
        ),
        ("/v1/models/large", None, 404, "Latest(large)"),
        ("/v1/models/tiny:predict", None, 400, "Malformed request: GET"),
        ("/v1/model", None, 400, "Malformed request: GET"),
    ],
)
def test_wrong_request_has_a_status(ports, path, request_, status, message):
    code, answer = _rest(ports, path, request_)
    assert code == status
    assert list(answer) == ["error"]
    assert message in answer["error"]


def test_request_without_json_is_refused(ports):
    url = f"http://127.0.0.1:{ports.rest}/v1/models/tiny:predict"
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(url, b"{", timeout=60)
    assert raised.value.code == 400


def test_status_and_metadata(ports):
    code, answer = _rest(ports, "/v1/models/tiny")
    assert code == 200
    assert answer["model_version_status"] == [
        {
            "version": "10",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
    ]
    code, answer = _rest(ports, "/v1/models/tiny/versions/10/metadata")
    assert code == 200
    assert answer["model_spec"]["name"] == "tiny"
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert signatures["complete"]["inputs"]["seeds"]["dtype"] == "DT_INT32"
    sizes = signatures["complete"]["inputs"]["seeds"]["tensor_shape"]["dim"]
    assert [size["size"] for size in sizes] == ["-1", "2"]
