import http.server
import socket
import threading

import numpy as np
import pytest

from export import clients
from tfdood.saved import session as session_lib


@pytest.fixture(scope="module", params=["grpc", "rest"])
def protocol(request):
    return request.param


@pytest.fixture
def client(ports, protocol):
    return _client(protocol, f"127.0.0.1:{getattr(ports, protocol)}")


def _client(protocol, server, model="tiny"):
    kinds = {"grpc": clients.GrpcClient, "rest": clients.RestClient}
    return kinds[protocol](server, model, timeout=20.0)


def _images(rows):
    return np.random.default_rng(0).uniform(size=(rows, 6, 6, 1))


@pytest.mark.parametrize("rows", [1, 16])
def test_predictions_equal_those_of_the_model(client, model_dir, rows):
    inputs = {
        "images": _images(rows).astype(np.float32),
        "seeds": np.arange(2 * rows, dtype=np.int32).reshape(rows, 2),
    }
    outputs = client.predict("complete", inputs)
    with session_lib.Session(model_dir / "10") as session:
        expected = session.run("complete", inputs)
    assert set(outputs) == set(expected)
    for name, value in expected.items():
        assert outputs[name].dtype == value.dtype
        np.testing.assert_array_equal(outputs[name], value)


def test_only_requested_outputs_are_returned(client):
    inputs = {"images": np.float32(_images(1))}
    outputs = client.predict("reconstruct", inputs, ["num_strokes"])
    assert list(outputs) == ["num_strokes"]
    with pytest.raises(session_lib.Error, match="colour"):
        client.predict("reconstruct", inputs, ["colour"])


def test_local_client_runs_and_closes(model_dir):
    inputs = {"images": np.float32(_images(1))}
    with clients.LocalClient(model_dir) as local:
        outputs = local.predict("reconstruct", inputs, ["num_strokes"])
        assert list(outputs) == ["num_strokes"]
    with pytest.raises(session_lib.Error, match="closed"):
        local.predict("reconstruct", inputs)


def test_strings_are_sent_and_received(client):
    inputs = {
        "a": np.float32([1.5]),
        "b": np.int32([2]),
        "c": np.array([3]),
        "d": np.array([True]),
        "e": np.array([b"\0\xff\0"], object),
    }
    outputs = client.predict("echo", inputs)
    assert outputs["e_bytes"].tolist() == [b"\0\xff\0"]
    assert outputs["a"].tolist() == [2.5]
    assert outputs["d"].tolist() == [False]


def test_lists_of_strings_are_sent(client, png):
    inputs = {"image_bytes": [png.read_bytes()]}
    assert client.predict("reconstruct_bytes", inputs)["image"].shape[0] == 1


def test_error_of_a_refused_request_has_the_reason(client):
    wrong = {"images": np.float32(_images(2) + 1.0)}
    with pytest.raises(session_lib.Error, match="must lie in") as raised:
        client.predict("reconstruct", wrong)
    assert raised.value.code == "INVALID_ARGUMENT"
    with pytest.raises(session_lib.Error, match='"draw" not found'):
        client.predict("draw", {"images": np.float32(_images(1))})


def test_missing_model_is_not_found(ports, protocol):
    server = f"127.0.0.1:{getattr(ports, protocol)}"
    with pytest.raises(session_lib.Error, match="large") as raised:
        _client(protocol, server, "large").predict("reconstruct", {})
    assert raised.value.code == "NOT_FOUND"


def test_missing_server_is_unavailable(protocol):
    with pytest.raises(
        session_lib.Error, match="127.0.0.1:9 cannot be"
    ) as raised:
        _client(protocol, "127.0.0.1:9").predict("reconstruct", {})
    assert raised.value.code == "UNAVAILABLE"


def test_wrong_protocol_is_refused(ports, protocol):
    other = ports.rest if protocol == "grpc" else ports.grpc
    with pytest.raises(session_lib.Error, match="cannot be reached") as raised:
        _client(protocol, f"127.0.0.1:{other}").predict("reconstruct", {})
    assert raised.value.reason.isprintable()


@pytest.mark.parametrize(
    ("code", "content", "message"),
    [
        (200, b"<html>", "did not answer with JSON"),
        (502, b"<html>", "HTTP 502"),
        (404, b'{"error": {"code": 404}}', "HTTP 404"),
        (500, b"cut off", "HTTP 500"),
    ],
)
def test_answers_of_other_servers_are_refused(code, content, message):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(code)
            if content == b"cut off":
                self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        client = _client("rest", f"127.0.0.1:{server.server_port}")
        with pytest.raises(session_lib.Error, match=message):
            client.predict("reconstruct", {})
        thread.join()


def test_late_answer_is_refused(protocol):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        kinds = {"grpc": clients.GrpcClient, "rest": clients.RestClient}
        client = kinds[protocol](server, "tiny", timeout=0.2)
        with pytest.raises(
            session_lib.Error, match="not answer within 0.2 seconds; allow more"
        ) as raised:
            client.predict("reconstruct", {})
    assert raised.value.code == "DEADLINE_EXCEEDED"


def test_closed_client_is_refused(ports):
    server = f"127.0.0.1:{ports.grpc}"
    with clients.GrpcClient(server, "tiny") as client:
        client.predict("reconstruct", {"images": np.float32(_images(1))})
    with pytest.raises(ValueError, match="closed"):
        client.predict("reconstruct", {"images": np.float32(_images(1))})
