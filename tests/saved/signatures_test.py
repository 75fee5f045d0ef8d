import itertools
import math
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfdood.models.signature import Input, Signature
from tfdood.saved import session as session_lib
from tfdood.saved import signatures

_NAMES = (
    *("reconstruct", "reconstruct_bytes", "parse", "log_likelihood"),
    *("likelihood", "generate", "generate_tempered", "complete"),
    *("exemplars", "render", "serving_default", "parse_center", "score"),
    *("prior", "refine", "reconstruct_refined"),
)


@pytest.fixture(scope="module", name="functions")
def _functions(tiny_run):
    """The signatures of the live model."""
    return signatures.build(tiny_run.model, 2)[1]


@pytest.fixture(scope="module", name="session")
def _session(exported_model):
    """A session that loaded the export of the same model."""
    with session_lib.Session(exported_model.path) as session:
        yield session


def _inputs(name: str, rows: int, session) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(rows)
    images = rng.uniform(size=[rows, 20, 20, 1]).astype(np.float32) ** 4
    seeds = rng.integers(1000, size=[rows, 2], dtype=np.int32)
    png = [tf.io.encode_png(np.uint8(255 * image)).numpy() for image in images]
    known = {
        "images": images,
        "canvas": images[::-1],
        "seeds": seeds,
        "temperature": rng.uniform(size=[rows]).astype(np.float32),
        "image_bytes": np.array(png, object),
        "num_steps": np.full([rows], 2, np.int32),
        "learning_rate": np.full([rows], 0.01, np.float32),
        "pen_rate": np.full([rows], 0.01, np.float32),
    }
    if name in ("render", "score", "prior", "refine"):
        known |= session.run("parse", {"images": images, "seeds": seeds})
    return {key: known[key] for key in session.signatures[name].inputs}


_RUN_ALL = """
import pathlib, sys
import numpy as np
from tests.serving import warm_ups
from tfdood.saved import session

path, folder = map(pathlib.Path, sys.argv[1:])
with session.Session(path) as loaded:
    warmed = warm_ups.read(path)
    for signature, inputs in warmed.items():
        loaded.run(signature, inputs)
    for file in sorted(folder.glob("*.inputs.npz")):
        signature, rows, *_ = file.name.split(".")
        with np.load(file, allow_pickle=True) as inputs:
            outputs = loaded.run(signature, dict(inputs))
        np.savez(folder / f"{signature}.{rows}.outputs.npz", **outputs)
    print(*sorted(loaded.signatures))
    print(*sorted(warmed))
"""
_ROWS = (1, 16)


@pytest.fixture(scope="module", name="served")
def _served(exported_model, session, tmp_path_factory):
    """A folder of inputs, and of outputs of a session in a new process."""
    folder = tmp_path_factory.mktemp("served")
    for name, rows in itertools.product(_NAMES, _ROWS):
        inputs = _inputs(name, rows, session)
        np.savez(folder / f"{name}.{rows}.inputs.npz", **inputs)
    result = subprocess.run(
        [sys.executable, "-c", _RUN_ALL, exported_model.path, folder],
        cwd=pathlib.Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    exported, warmed = map(str.split, result.stdout.splitlines())
    assert exported == warmed == sorted(_NAMES)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("rows", _ROWS)
@pytest.mark.parametrize("name", _NAMES)
def test_outputs_in_a_new_process_equal_the_live_model(
    served, functions, name, rows
):
    with np.load(
        served / f"{name}.{rows}.inputs.npz", allow_pickle=True
    ) as inputs:
        function = functions[name]
        specs = function.structured_input_signature[0]
        live = function(*(tf.constant(inputs[spec.name]) for spec in specs))
    with np.load(served / f"{name}.{rows}.outputs.npz") as outputs:
        assert set(outputs) == set(live)
        for key, value in live.items():
            assert len(outputs[key]) == rows
            np.testing.assert_allclose(
                outputs[key], value, rtol=1e-5, atol=1e-5, err_msg=key
            )


class _Doubling:
    """A model of a new kind, which lists one signature of its own."""

    def __init__(self):
        self.gain = keras.Variable(2.0)
        self.variables = [self.gain]

    def signatures(self, num_particles):
        def double(numbers, others):
            total = self.gain * numbers + tf.reduce_sum(others, 1)
            return {"total": total / num_particles}

        inputs = {"numbers": Input(()), "others": Input(("N",), high=9.0)}
        return {"double": Signature(double, inputs)}


def test_signatures_listed_by_the_model_are_built_with_checks():
    module, functions = signatures.build(_Doubling(), 4)
    assert set(functions) == {"double"}
    assert module.double is functions["double"]
    specs = functions["double"].structured_input_signature[0]
    assert [spec.name for spec in specs] == ["numbers", "others"]
    numbers = tf.constant([1.0, 3.0])
    answer = functions["double"](numbers, tf.constant([[1.0, 1.0], [4.0, 6.0]]))
    np.testing.assert_allclose(answer["total"], [1.0, 4.0])
    for others, message in (
        ([[1.0]], "others must have shape"),
        ([[1.0], [10.0]], "others must be finite and at most 9; got"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            functions["double"](numbers, tf.constant(others))


def test_reconstruct_is_the_default_signature(session):
    inputs = _inputs("reconstruct", 2, session)
    default, named = (
        session.run(name, inputs)
        for name in (signatures.DEFAULT, "reconstruct")
    )
    for key in named:
        np.testing.assert_allclose(default[key], named[key], atol=1e-6)


def test_every_signature_is_exported(session):
    assert set(session.signatures) == set(_NAMES)


@pytest.mark.parametrize(
    ("name", "is_served"),
    [
        ("generate", True),
        ("log_likelihood", True),
        ("complete", False),
        ("exemplars", False),
    ],
)
def test_rows_do_not_depend_on_their_batch(
    exported_model, session, name, is_served
):
    inputs = _inputs(name, 16, session)
    found = []
    for rows in (slice(None), slice(5, 6)):
        given = {key: x[rows] for key, x in inputs.items()}
        if is_served:
            found.append(session.run(name, given))
        else:
            found.append(exported_model.run(name, **given))
    together, alone = found
    for key, value in alone.items():
        np.testing.assert_allclose(
            together[key][5:6], value, rtol=1e-3, atol=1e-4
        )


_IMAGES = np.full([2, 20, 20, 1], 0.5, np.float32)
_SEEDS = np.array([[1, 2], [3, 4]], np.int32)
_NAN = np.where(np.arange(800).reshape(_IMAGES.shape) == 5, np.nan, _IMAGES)


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("reconstruct", {"images": _IMAGES[0]}, r"shape.*\[-1 20 20.*\[20 20"),
        ("reconstruct", {"images": _IMAGES[:, :10]}, "must have shape"),
        ("reconstruct", {"images": _IMAGES[:0]}, "any but 0"),
        ("reconstruct", {"images": _IMAGES * 255}, r"at most 1; got.*127\.5"),
        ("reconstruct", {"images": _IMAGES - 1}, "at least 0 and at most 1"),
        (
            "reconstruct",
            {"images": _NAN.astype(np.float32)},
            "images must be finite.*nan",
        ),
        (
            "reconstruct_bytes",
            {"image_bytes": [b"no picture"]},
            "must be PNG, JPEG or BMP",
        ),
        ("reconstruct_bytes", {"image_bytes": []}, "any but 0"),
        (
            "parse",
            {"images": _IMAGES, "seeds": _SEEDS[:1]},
            "seeds must have shape",
        ),
        ("parse", {"images": _IMAGES, "seeds": _SEEDS[0]}, "seeds must have"),
        ("generate", {"seeds": np.zeros([3, 3], np.int32)}, "seeds must have"),
        (
            "likelihood",
            {"images": _IMAGES, "canvas": 2 + _IMAGES},
            "canvas must be",
        ),
        (
            "generate_tempered",
            {"seeds": _SEEDS, "temperature": np.float32([1.0, -1.0])},
            "temperature must be finite and at least 0",
        ),
    ],
)
def test_bad_inputs_are_refused_with_a_reason(session, name, inputs, message):
    inputs = {
        key: np.array(value, object) if key == "image_bytes" else value
        for key, value in inputs.items()
    }
    with pytest.raises(session_lib.Error, match=message) as caught:
        session.run(name, inputs)
    assert caught.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"blur": lambda x: 0 * x}, "blur must be finite and at least 1e-06"),
        ({"layout": lambda x: x[:, :1]}, "layout must have shape"),
        ({"control_points": lambda x: x * np.nan}, "control_points must be"),
        ({"presence": lambda x: x[:0]}, "presence must have shape"),
    ],
)
def test_bad_strokes_are_refused_with_a_reason(session, change, message):
    inputs = _inputs("render", 2, session)
    for key, function in change.items():
        inputs[key] = function(inputs[key])
    with pytest.raises(session_lib.Error, match=message):
        session.run("render", inputs)


@pytest.mark.parametrize("name", ["learning_rate", "pen_rate"])
def test_rates_that_are_too_large_are_refused(session, name):
    inputs = _inputs("refine", 2, session)
    inputs[name] = np.float32([0.01, 1e20])
    with pytest.raises(session_lib.Error, match=f"{name} must be finite"):
        session.run("refine", inputs)


def test_graph_has_only_core_operations_and_each_variable_once(
    exported_model, tiny_run
):
    folder = exported_model.path
    proto = saved_model_pb2.SavedModel()
    proto.ParseFromString((folder / "saved_model.pb").read_bytes())
    graph = proto.meta_graphs[0].graph_def
    nodes = list(graph.node)
    for function in graph.library.function:
        nodes += function.node_def
    ops = {node.op for node in nodes}
    assert "StatelessRandomNormalV2" in ops
    assert not any("PyFunc" in op or op.startswith("Random") for op in ops)
    reader = tf.train.load_checkpoint(str(folder / "variables/variables"))
    sizes = {
        name: math.prod(shape)
        for name, shape in reader.get_variable_to_shape_map().items()
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    }
    variables = tiny_run.model.variables
    assert sum(sizes.values()) == sum(math.prod(v.shape) for v in variables)
