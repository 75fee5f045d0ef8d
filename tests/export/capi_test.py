import concurrent.futures
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from export import capi

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def path(model_dir):
    return model_dir / "10"


@pytest.fixture(scope="module")
def session(path):
    with capi.Session(path) as session:
        yield session


def _images(rows, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(rows, 6, 6, 1)).astype(np.float32)


def _echo_inputs(shape):
    rng = np.random.default_rng(1)
    texts = np.empty(shape, object)
    texts.flat = [
        rng.bytes(int(n)) for n in rng.integers(0, 60, max(1, texts.size))
    ][: texts.size]
    return {
        "a": rng.normal(size=shape).astype(np.float32),
        "b": rng.integers(-9, 9, shape).astype(np.int32),
        "c": rng.integers(-(2**60), 2**60, shape),
        "d": np.asarray(rng.integers(0, 2, shape), np.bool_),
        "e": texts,
    }


def test_lists_signatures(session):
    assert set(session.signatures) == {
        *("complete", "echo", "reconstruct", "reconstruct_bytes"),
        "serving_default",
    }
    complete = session.signatures["complete"]
    assert complete.inputs["images"].dtype == np.float32
    assert complete.inputs["seeds"].dtype == np.int32
    assert complete.inputs["seeds"].shape == (-1, 2)
    assert complete.outputs["control_points"].shape == (-1, 2, 3, 2)


@pytest.mark.parametrize("rows", [1, 16])
def test_agrees_with_the_python_loader(session, path, rows):
    images = _images(rows)
    outputs = session.run("reconstruct", {"images": images})
    loaded = tf.saved_model.load(str(path))
    expected = loaded.signatures["reconstruct"](images=tf.constant(images))
    assert set(outputs) == set(expected)
    for name, value in expected.items():
        assert outputs[name].dtype == value.numpy().dtype
        np.testing.assert_array_equal(outputs[name], value)


@pytest.mark.parametrize("shape", [(), (1,), (16, 3), (0, 2), (2, 1, 3, 2)])
def test_takes_every_type_and_rank(session, shape):
    inputs = _echo_inputs(shape)
    outputs = session.run("echo", inputs)
    expected = {
        "a": inputs["a"] + 1,
        "b": inputs["b"] + 1,
        "c": inputs["c"] + 1,
        "d": ~inputs["d"],
        "e": inputs["e"] + inputs["e"],
        "e_bytes": inputs["e"],
    }
    for name, value in expected.items():
        assert outputs[name].shape == shape
        np.testing.assert_array_equal(outputs[name], value)


def test_takes_arrays_of_any_layout(session):
    images = np.asfortranarray(_images(4))[::2]
    outputs = session.run("reconstruct", {"images": images}, ["canvas"])
    np.testing.assert_array_equal(outputs["canvas"], 0.5 * images)


def test_keeps_zeros_at_the_ends_of_strings(session):
    inputs = {**_echo_inputs((2,)), "e": [b"a\0", "ü"]}
    outputs = session.run("echo", inputs, ["e_bytes"])
    assert list(outputs) == ["e_bytes"]
    assert outputs["e_bytes"].tolist() == [b"a\0", "ü".encode()]


def test_decodes_pictures(session):
    picture = np.arange(36, dtype=np.uint8).reshape(6, 6, 1) * 7
    data = np.array([tf.io.encode_png(picture).numpy()] * 2, object)
    outputs = session.run("reconstruct_bytes", {"image_bytes": data})
    np.testing.assert_allclose(outputs["image"][1], picture / 255, rtol=1e-5)


@pytest.mark.parametrize(
    ("signature", "inputs", "code", "message"),
    [
        ("draw", {}, "FAILED_PRECONDITION", '"draw" not found'),
        ("reconstruct", {}, "INVALID_ARGUMENT", "got []"),
        (
            "reconstruct",
            {"images": _images(1), "seeds": [0]},
            "INVALID_ARGUMENT",
            "got ['images', 'seeds']",
        ),
        (
            "reconstruct",
            {"images": _images(2) + 1},
            "INVALID_ARGUMENT",
            "images must lie in [0, 1]",
        ),
        (
            "reconstruct",
            {"images": _images(2).astype(np.float64)},
            "INVALID_ARGUMENT",
            "to be float but double",
        ),
        (
            "reconstruct",
            {"images": [b"x"]},
            "INVALID_ARGUMENT",
            "to be float but string",
        ),
        (
            "reconstruct",
            {"images": np.zeros(3, np.complex64)},
            "INVALID_ARGUMENT",
            "complex64",
        ),
        (
            "reconstruct_bytes",
            {"image_bytes": np.array([b"x", 1], object)},
            "INVALID_ARGUMENT",
            "more than strings",
        ),
        (
            "reconstruct_bytes",
            {"image_bytes": [b"no picture"]},
            "INVALID_ARGUMENT",
            "Unknown image file format",
        ),
        (
            "complete",
            {"images": _images(3), "seeds": np.zeros([2, 2], np.int32)},
            "INVALID_ARGUMENT",
            "Incompatible shapes",
        ),
    ],
)
def test_refuses_with_a_status(session, signature, inputs, code, message):
    with pytest.raises(capi.Error) as raised:
        session.run(signature, inputs)
    assert raised.value.code == code
    assert message in raised.value.message
    assert str(raised.value) == f"{code}: {raised.value.message}"


def test_refuses_unknown_outputs(session):
    with pytest.raises(capi.Error, match="got .'ink'"):
        session.run("reconstruct", {"images": _images(1)}, ["ink"])


def test_says_when_there_is_no_model(tmp_path):
    with pytest.raises(capi.Error, match="Could not find SavedModel") as raised:
        capi.Session(tmp_path)
    assert raised.value.code == "NOT_FOUND"


def test_says_when_a_model_is_damaged(path, tmp_path):
    damaged = path.joinpath("saved_model.pb").read_bytes()[:-100]
    (tmp_path / "saved_model.pb").write_bytes(damaged)
    with pytest.raises(capi.Error, match="OUT_OF_RANGE"):
        capi.Session(tmp_path)


def test_closes_twice(path):
    session = capi.Session(path)
    session.close()
    session.close()


def test_serves_threads_with_good_and_bad_requests(session):
    def request(i):
        images = _images(1 + i % 16, seed=i)
        if i % 20 == 0:
            images[-1] = np.nan
        try:
            outputs = session.run("reconstruct", {"images": images})
        except capi.Error as error:
            return i % 20 == 0 and "[0, 1]" in error.message
        np.testing.assert_array_equal(outputs["canvas"], 0.5 * images)
        return i % 20 != 0

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(request, range(400)))


def _rss_bytes():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


_HAS_PROC = pathlib.Path("/proc/self/status").exists()


@pytest.mark.skipif(not _HAS_PROC, reason="memory is read from /proc")
def test_memory_stays_flat(session):
    # 3,000 requests that kept 40 strings of 3,000 bytes would hold 360 MB.
    inputs = _echo_inputs((40,))
    inputs["e"] = np.array([b"x" * 3000] * 40, object)
    bad = {"images": np.full([16, 50, 50, 1], np.nan, np.float32)}

    def requests(number):
        for i in range(number):
            if i % 20 == 0:
                with pytest.raises(capi.Error):
                    session.run("reconstruct", bad)
            else:
                session.run("echo", inputs)

    requests(300)
    before = _rss_bytes()
    requests(3000)
    assert _rss_bytes() - before < 20e6


@pytest.mark.skipif(not _HAS_PROC, reason="memory is read from /proc")
def test_closed_sessions_free_their_memory(path):
    def load():
        with capi.Session(path) as session:
            session.run("reconstruct", {"images": _images(1)})

    for _ in range(3):
        load()
    before = _rss_bytes()
    for _ in range(10):
        load()
    assert _rss_bytes() - before < 20e6


def test_never_imports_tensorflow(path):
    program = f"""
import sys
import numpy as np
from export import capi
with capi.Session({str(path)!r}) as session:
    images = np.full([2, 6, 6, 1], 0.25, np.float32)
    canvas = session.run("reconstruct", {{"images": images}})["canvas"]
assert (canvas == 0.125).all()
assert not [name for name in sys.modules if "tensorflow" in name]
"""
    subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120
    )
