"""The REST side of `front`, for tests and benchmarks only."""

import contextlib
import functools
import http.server
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping

from google.protobuf import json_format, message

from tests.serving import rest_server_json, servable
from tfdood.saved import session as session_lib

_PATH = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d+))?"
    r"(?P<action>:predict|/metadata|)"
)
_OK = 200
_SERVER_ERROR = 500
_HTTP_CODES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "NOT_FOUND": 404,
    "UNIMPLEMENTED": 501,
}


@contextlib.contextmanager
def serve(model: servable.Servable, host: str) -> Iterator[int]:
    """Serves a model while the context lasts.

    Args:
        model: to be served.
        host: address of the machine to listen at.

    Yields:
        The port, a free one.
    """
    server = _Server((host, 0), functools.partial(_Handler, model))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(http.server.ThreadingHTTPServer):
    # Closing waits until answers are finished.
    daemon_threads = False
    # Number of connections that wait; more are refused.
    request_queue_size = 128


class _Handler(http.server.BaseHTTPRequestHandler):
    # Answers are sent in one piece.
    wbufsize = -1

    def __init__(self, model: servable.Servable, *args):
        self._model = model
        super().__init__(*args)

    def do_GET(self):
        """Answers with the status or the metadata."""
        self._answer(
            {
                "": lambda: _to_json(self._model.status()),
                "/metadata": lambda: _to_json(self._model.metadata()),
            }
        )

    def do_POST(self):
        """Answers with a prediction."""
        self._answer({":predict": self._predict})

    def log_message(self, format, *args):  # noqa: A002
        """Writes no log."""

    def _answer(self, actions: Mapping[str, Callable[[], dict]]) -> None:
        size = int(self.headers.get("Content-Length", 0))
        self._body = self.rfile.read(size)
        try:
            code, answer = _OK, self._run(actions)
        except session_lib.Error as error:
            code = _HTTP_CODES.get(error.code, _SERVER_ERROR)
            answer = {"error": error.message}
        data = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _run(self, actions: Mapping[str, Callable[[], dict]]) -> dict:
        path = _PATH.fullmatch(self.path)
        if path is None or path["action"] not in actions:
            raise session_lib.Error(
                "INVALID_ARGUMENT",
                f"Malformed request: {self.command} {self.path}",
            )
        name, version = urllib.parse.unquote(path["name"]), path["version"]
        self._model.check(name, None if version is None else int(version))
        return actions[path["action"]]()

    def _predict(self) -> dict:
        session = self._model.session
        try:
            request = json.loads(self._body)
            name = rest_server_json.signature_name(request)
            name = name or servable.DEFAULT_SIGNATURE
            if name not in session.signatures:
                raise ValueError(f'Serving signature name: "{name}" not found')
            infos = session.signatures[name].inputs
            outputs = session.run(name, rest_server_json.inputs(request, infos))
            return rest_server_json.answer(outputs, "instances" in request)
        except ValueError as error:
            raise session_lib.Error("INVALID_ARGUMENT", str(error)) from error


def _to_json(proto: message.Message) -> dict:
    return json_format.MessageToDict(
        proto,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
