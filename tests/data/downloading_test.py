import contextlib
import errno
import http.server
import pathlib
import socket
import threading
import time

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfdood.data import datasets, downloading, pen_strokes, prepared
from tfdood.data.builders import (
    omniglot_oneshot,
    omniglot_strokes,
    quickdraw_ten,
)

_ADDRESS = "https://example.org/drawings.gz"


class _Builder:
    """A builder that does not download, and fails with a given error."""

    name = "tiny"
    data_path = pathlib.Path("/nowhere")

    def __init__(self, error=None, address=_ADDRESS):
        self.error = error
        self.url_infos = {address: None}
        self.is_done = False

    def download_and_prepare(self):
        if self.error is not None:
            raise self.error
        self.is_done = True


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "empty"))


@pytest.fixture(autouse=True)
def _asked(request, monkeypatch):
    """The addresses that were tried; all of them answer."""
    addresses = []
    if "servers" not in request.fixturenames:
        monkeypatch.setattr(downloading, "_reach", addresses.append)
    return addresses


def test_official_builders_have_official_names(monkeypatch):
    asked, builder = [], _Builder()
    monkeypatch.setattr(
        tfds, "builder", lambda *args, **kwargs: asked.append(args) or builder
    )
    for name in ("mnist", "emnist", "kmnist", "omniglot"):
        downloading.download(name, None)
    assert builder.is_done
    assert asked == [
        ("mnist",),
        ("emnist/balanced",),
        ("kmnist",),
        ("omniglot",),
    ]


@pytest.mark.parametrize(
    ("name", "builder"),
    [
        ("quickdraw", quickdraw_ten.QuickdrawTen),
        (datasets.ONE_SHOT, omniglot_oneshot.OmniglotOneshot),
        ("omniglot_strokes", omniglot_strokes.OmniglotStrokes),
    ],
)
def test_own_builders_are_used_for_datasets_tfds_lacks(
    monkeypatch, tmp_path, name, builder, _asked
):
    folders = []
    monkeypatch.setattr(
        builder,
        "download_and_prepare",
        lambda self: folders.append(self.data_path),
    )
    downloading.download(name, str(tmp_path))
    assert [folder.parent.parent for folder in folders] == [tmp_path]
    assert _asked == [builder.ADDRESS]


def test_pen_strokes_of_the_data_folder_need_no_server(tmp_path, _asked):
    stroke = np.linspace([0.2, 0.3], [0.7, 0.4], 9)
    image = np.zeros(1_379, np.uint8)
    drawing = pen_strokes.PenDrawing(
        [stroke], class_id=1, drawer=2, exact=True, packed_image=image
    )
    pen_strokes.write([drawing], tmp_path)
    downloading.download("omniglot_strokes", str(tmp_path))
    assert not _asked
    folder = prepared.find("omniglot_strokes", str(tmp_path))
    assert prepared.read_strokes("train", folder).labels.tolist() == [0]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("no route\n  to host"),
        OSError(101, "Network is unreachable"),
        tfds.download.DownloadError("Failed to get url. HTTP code: 404."),
        tfds.core.download.download_manager.NonMatchingChecksumError(
            "Artifact has\nwrong checksum."
        ),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failed_download_raises_one_sentence(monkeypatch, error):
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(
        ConnectionError, match="^emnist/balanced could not be downloaded"
    ) as raised:
        downloading.download("emnist", None)
    message = str(raised.value)
    assert " ".join(str(error).split()) in message
    assert "\n" not in message
    assert message.endswith("python -m tfdood.data.prepare --source=DIR.")
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS]
)
def test_disk_error_is_not_a_connection_error(monkeypatch, code):
    error = OSError(code, "cannot write")
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(OSError, match="cannot write") as raised:
        downloading.download("mnist", None)
    assert raised.value is error


def test_error_of_the_program_is_not_hidden(monkeypatch):
    error = TypeError("a mistake")
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: _Builder(error))
    with pytest.raises(TypeError, match="a mistake"):
        downloading.download("mnist", None)


def test_unknown_dataset_raises():
    with pytest.raises(ValueError, match="Unknown dataset 'svhn'"):
        downloading.download("svhn", None)


def test_nothing_is_asked_for_what_is_there(monkeypatch, tmp_path, _asked):
    builder = _Builder()
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: builder)
    for file in ("tiny/a.gz.INFO", "manual/a.gz"):
        path = tmp_path / file.partition("/")[0] / "downloads" / file
        path.parent.mkdir(parents=True)
        path.touch()
        downloading.download("mnist", str(path.parents[2]))
    monkeypatch.setattr(builder, "data_path", tmp_path)
    downloading.download("mnist", str(tmp_path / "other"))
    assert not _asked
    monkeypatch.setattr(builder, "data_path", tmp_path / "absent")
    downloading.download("mnist", str(tmp_path / "other"))
    assert _asked == [_ADDRESS]


@pytest.fixture(name="servers")
def _servers(monkeypatch):
    """Local addresses: what refuses, hangs, fails and answers."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(downloading, "_SECONDS", 1)
    with contextlib.ExitStack() as stack:
        ports = {"refuses": 1}
        hanging = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ports["hangs"] = hanging.getsockname()[1]
        for name, code in (("fails", 503), ("answers", 404)):
            server = http.server.HTTPServer(("127.0.0.1", 0), _handler(code))
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            # A server looks every 10 ms whether it shall stop.
            threading.Thread(target=server.serve_forever, args=(0.01,)).start()
            ports[name] = server.server_address[1]
        yield {k: f"http://127.0.0.1:{port}/a" for k, port in ports.items()}


def _handler(code):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler


@pytest.mark.parametrize("kind", ["refuses", "hangs", "fails"])
@pytest.mark.parametrize("place", ["server", "proxy"])
def test_no_connection_is_said_at_once(monkeypatch, servers, kind, place):
    address = servers[kind]
    if place == "proxy":
        monkeypatch.setenv("http_proxy", address)
        address = "http://example.org/drawings.gz"
    builder = _Builder(address=address)
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: builder)
    start = time.monotonic()
    with pytest.raises(
        ConnectionError,
        match=r"^mnist could not be downloaded \([\w.]+ cannot be reached\); "
        "connect to the network",
    ):
        downloading.download("mnist", None)
    assert time.monotonic() - start < 10.0
    assert not builder.is_done


def test_a_slow_name_server_is_not_waited_for(monkeypatch, servers):
    slow = threading.Event()
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: slow.wait() and []
    )
    monkeypatch.setattr(
        tfds, "builder", lambda *_, **__: _Builder(address="http://any.test/a")
    )
    with pytest.raises(ConnectionError, match="any.test cannot be reached"):
        downloading.download("mnist", None)
    slow.set()


def test_every_answer_of_a_server_is_a_connection(monkeypatch, servers):
    builder = _Builder(address=servers["answers"])
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: builder)
    downloading.download("mnist", None)
    assert builder.is_done
