"""200 malformed uploads: each is refused, and the memory stays flat."""

import io
import pathlib
import struct

import numpy as np
import pytest
from PIL import Image

from tests.drawing import pictures_of_drawings as kinds
from tfdood.saved import checks
from tfdood.saved import session as session_lib

_SIZE = 20  # Of the model's images.
_STATUS = pathlib.Path("/proc/self/status")
_VAST = 60_000  # Width and height that headers claim.


@pytest.fixture(scope="module")
def session(short_export):
    with session_lib.Session(short_export.path) as session:
        yield session


def _file(kind):
    buffer = io.BytesIO()
    Image.fromarray(kinds.ring(255, 0)).save(buffer, kind)
    return buffer.getvalue()


def _truncated(rng):
    """The start of a picture."""
    contents = _file(rng.choice(["PNG", "JPEG", "BMP"]))
    return contents[: rng.integers(0, len(contents) // 3)]


def _vast(rng):
    """A picture whose header claims gigabytes."""
    kind = rng.choice(["PNG", "JPEG", "BMP"])
    contents = bytearray(_file(kind))
    side = int(rng.integers(5_000, _VAST))
    if kind == "PNG":
        contents[16:24] = struct.pack(">II", side, side)
    elif kind == "BMP":
        contents[18:26] = struct.pack("<ii", side, rng.choice([-side, side]))
    else:
        at = contents.index(b"\xff\xc0")
        contents[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(contents)


def _other_format(rng):
    """A file of a format that nothing measures, or of none."""
    kind = rng.choice(
        ["WEBP", "GIF", "TIFF", "ICO", "text", "nothing", "noise"]
    )
    if kind == "text":
        return b"%!PS-Adobe-3.0 EPSF-3.0"
    if kind == "nothing":
        return b""
    if kind == "noise":
        return b"\x89PNG" + rng.bytes(rng.integers(1, 500))
    return _file(kind)


def _images(rng):
    """Images of a wrong shape, range or number."""
    images = np.zeros([3, _SIZE, _SIZE, 1], np.float32)
    kind = rng.integers(6)
    if kind < 4:
        bad = [np.nan, np.inf, -0.01, 1.01][kind]
        images.flat[rng.integers(images.size)] = bad
        return images
    if kind == 4:
        return images[:0]
    side = rng.integers(_SIZE + 1, 3 * _SIZE)
    return np.zeros([1, side, _SIZE, 1], np.float32)


def _many(rng):
    """More rows than are allowed."""
    count = checks.MOST_ROWS + rng.integers(1, 5_000)
    return np.zeros([count, _SIZE, _SIZE, 1], np.float32)


def _memory():
    """The largest memory so far, in bytes."""
    return int(_STATUS.read_text().partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not _STATUS.exists(), reason="memory is read from /proc")
def test_malformed_uploads_are_refused_and_memory_stays_flat(session):
    makers = [_truncated, _vast, _other_format, _images, _many]
    good = {"image_bytes": np.array([_file("PNG")] * 4, object)}
    session.run("reconstruct_bytes", good)
    before = _memory()
    for number in range(200):
        rng = np.random.default_rng(number)
        made = makers[number % len(makers)](rng)
        name, inputs = "reconstruct", {"images": made}
        if isinstance(made, bytes):
            name = "reconstruct_bytes"
            inputs = {"image_bytes": np.array([made], object)}
        with pytest.raises(session_lib.Error) as refusal:
            session.run(name, inputs)
        assert refusal.value.code == "INVALID_ARGUMENT", number
    assert _memory() - before < 100e6
    assert session.run("reconstruct_bytes", good)["num_strokes"].shape == (4,)
