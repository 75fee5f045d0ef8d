import concurrent.futures
import gc
import pathlib
import re
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfdood.saved import session as session_lib

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def path(model_dir):
    return model_dir / "10"


@pytest.fixture(scope="module")
def session(path):
    with session_lib.Session(path) as session:
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


def test_session_lists_signatures_with_dtypes_and_shapes(session):
    assert set(session.signatures) == {
        *("complete", "echo", "reconstruct", "reconstruct_bytes"),
        "serving_default",
    }
    complete = session.signatures["complete"]
    assert complete.inputs["images"].dtype == np.float32
    assert complete.inputs["seeds"].dtype == np.int32
    assert complete.inputs["seeds"].shape == (-1, 2)
    assert complete.outputs["control_points"].shape == (-1, 2, 3, 2)
    echo = session.signatures["echo"]
    assert echo.inputs["e"].dtype == session_lib.STRING
    assert echo.inputs["e"].shape is None


@pytest.mark.parametrize("rows", [1, 16])
def test_outputs_equal_those_of_the_python_loader(session, path, rows):
    images = _images(rows)
    outputs = session.run("reconstruct", {"images": images})
    loaded = tf.saved_model.load(str(path))
    expected = loaded.signatures["reconstruct"](images=tf.constant(images))
    assert set(outputs) == set(expected)
    for name, value in expected.items():
        assert outputs[name].dtype == value.numpy().dtype
        np.testing.assert_allclose(outputs[name], value, rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (1,), (16, 3), (0, 2), (2, 1, 3, 2)])
def test_arrays_of_every_dtype_and_rank_are_accepted(session, shape):
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


def test_arrays_of_any_memory_layout_are_accepted(session):
    images = np.asfortranarray(_images(4))[::2]
    outputs = session.run("reconstruct", {"images": images}, ["canvas"])
    np.testing.assert_array_equal(outputs["canvas"], 0.5 * images)


def test_zero_bytes_at_the_ends_of_strings_are_kept(session):
    inputs = {**_echo_inputs((2,)), "e": [b"a\0", "ü"]}
    outputs = session.run("echo", inputs, ["e_bytes"])
    assert list(outputs) == ["e_bytes"]
    assert outputs["e_bytes"].tolist() == [b"a\0", "ü".encode()]


def test_encoded_pictures_are_decoded(session):
    picture = np.arange(36, dtype=np.uint8).reshape(6, 6, 1) * 7
    data = np.array([tf.io.encode_png(picture).numpy()] * 2, object)
    outputs = session.run("reconstruct_bytes", {"image_bytes": data})
    np.testing.assert_allclose(outputs["image"][1], picture / 255, rtol=1e-6)


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
            "images must be float32, got float64",
        ),
        (
            "reconstruct",
            {"images": [b"x"]},
            "INVALID_ARGUMENT",
            "images must be float32, got strings",
        ),
        (
            "reconstruct",
            {"images": np.zeros(3, np.complex64)},
            "INVALID_ARGUMENT",
            "got complex64",
        ),
        (
            "reconstruct_bytes",
            {"image_bytes": _images(1)},
            "INVALID_ARGUMENT",
            "image_bytes must be strings, got float32",
        ),
        (
            "reconstruct",
            {"images": _images(2)[0]},
            "INVALID_ARGUMENT",
            "dimension",
        ),
        (
            "reconstruct_bytes",
            {"image_bytes": np.array([b"x", 1], object)},
            "INVALID_ARGUMENT",
            "must be strings, not all are",
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
def test_wrong_request_is_refused_with_status_and_reason(
    session, signature, inputs, code, message
):
    with pytest.raises(session_lib.Error) as raised:
        session.run(signature, inputs)
    assert raised.value.code == code
    assert message in raised.value.message
    assert not re.search(
        r"\n|{{node|\[Op:|stack trace|root error", raised.value.message
    )
    assert str(raised.value) == f"{code}: {raised.value.message}"


def test_unknown_outputs_are_refused(session):
    with pytest.raises(session_lib.Error, match="got .'ink'"):
        session.run("reconstruct", {"images": _images(1)}, ["ink"])


def test_folder_that_tensorflow_takes_for_a_pattern_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"has \* in its path"):
        session_lib.Session(tmp_path / "model*")


def test_folder_without_model_is_not_found(tmp_path):
    with pytest.raises(session_lib.Error, match="holds no Saved") as raised:
        session_lib.Session(tmp_path)
    assert raised.value.code == "NOT_FOUND"


def test_model_without_serving_tag_is_not_found(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    file = tmp_path / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    proto.meta_graphs[0].meta_info_def.tags[:] = ["train"]
    file.write_bytes(proto.SerializeToString())
    with pytest.raises(session_lib.Error, match="got .*'train'") as raised:
        session_lib.Session(tmp_path)
    assert raised.value.code == "NOT_FOUND"


def _cut(file):
    file.write_bytes(file.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("name", "damage", "code"),
    [
        ("saved_model.pb", _cut, "DATA_LOSS"),
        ("variables/variables.data-00000-of-00001", _cut, "OUT_OF_RANGE"),
        ("variables/variables.index", pathlib.Path.unlink, "FAILED_PRECON"),
    ],
)
def test_error_names_the_damaged_model(path, tmp_path, name, damage, code):
    shutil.copytree(path, tmp_path / "1")
    damage(tmp_path / "1" / name)
    with pytest.raises(session_lib.Error, match=code) as raised:
        session_lib.Session(tmp_path / "1")
    assert str(tmp_path / "1") in raised.value.message
    assert "\n" not in raised.value.message


class _Trap(tf.Module):
    """A Keras model inside a module, saved with the module."""

    def __init__(self):
        super().__init__()
        self.model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], name="x")])
    def double(self, x):
        return {"y": 2.0 * self.model(x)}


def test_keras_model_without_values_is_refused(tmp_path):
    module = _Trap()
    tf.saved_model.save(module, str(tmp_path), {"double": module.double})
    x = np.ones([3, 2], np.float32)
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_allclose(
        loaded.signatures["double"](x=tf.constant(x))["y"],
        2.0 * x @ module.model.layers[0].kernel,
        rtol=1e-6,
    )
    with (
        pytest.raises(session_lib.Error, match="not find variable") as raised,
        session_lib.Session(tmp_path) as session,
    ):
        session.run("double", {"x": x})
    assert raised.value.code == "FAILED_PRECONDITION"


def test_loads_without_warnings(path):
    program = f"""
from tfdood.saved import session
session.Session({str(path)!r}).close()
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "deprecated" not in result.stderr
    assert result.stdout == ""


def test_closed_session_is_refused(path):
    session = session_lib.Session(path)
    session.close()
    session.close()
    with pytest.raises(session_lib.Error, match="is closed") as raised:
        session.run("reconstruct", {"images": _images(1)})
    assert raised.value.code == "FAILED_PRECONDITION"


def test_threads_get_the_outputs_of_their_own_inputs(session):
    def request(i):
        images = _images(1 + i % 16, seed=i)
        if i % 20 == 0:
            images[-1] = np.nan
        try:
            outputs = session.run("reconstruct", {"images": images})
        except session_lib.Error as error:
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
def test_memory_does_not_grow_with_the_number_of_runs(session):
    # 1,000 requests that kept 40 strings of 3,000 bytes would hold 120 MB.
    inputs = _echo_inputs((40,))
    inputs["e"] = np.array([b"x" * 3000] * 40, object)
    bad = {"images": np.full([16, 50, 50, 1], np.nan, np.float32)}

    def requests(number):
        for i in range(number):
            if i % 20 == 0:
                with pytest.raises(session_lib.Error):
                    session.run("reconstruct", bad)
            else:
                session.run("echo", inputs)

    requests(100)
    before = _rss_bytes()
    requests(1000)
    assert _rss_bytes() - before < 20e6


@pytest.mark.skipif(not _HAS_PROC, reason="memory is read from /proc")
@pytest.mark.slow
def test_closed_sessions_free_their_memory(path):
    def load():
        with session_lib.Session(path) as session:
            session.run("reconstruct", {"images": _images(1)})
        gc.collect()  # Python's graphs contain cycles.

    for _ in range(3):
        load()
    before = _rss_bytes()
    for _ in range(6):
        load()
    assert _rss_bytes() - before < 12e6
