import json
import math
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfdood import models
from tfdood.models.signature import Input, Signature
from tfdood.saved import session as session_lib
from tfdood.saved import signatures
from tfdood.settings.architectures import Dood

_CONFIG = Dood(
    image_size=20,
    glimpse_size=10,
    num_strokes=3,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
    presence_bias=0.5,
)
_NAMES = (
    *("reconstruct", "reconstruct_bytes", "parse", "log_likelihood"),
    *("likelihood", "generate", "generate_tempered", "complete"),
    *("exemplars", "render", "serving_default", "parse_center", "score"),
    *("prior", "refine", "reconstruct_refined"),
)


@pytest.fixture(scope="module", name="exported")
def _exported(tmp_path_factory):
    """The live functions, the folder, and a session that loaded it."""
    keras.utils.set_random_seed(0)
    model = models.build(_CONFIG)
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    module, functions = signatures.build(model, 4)
    folder = tmp_path_factory.mktemp("exported") / "1"
    tf.saved_model.save(module, str(folder), functions)
    with session_lib.Session(folder) as session:
        yield functions, folder, session


def _inputs(name: str, rows: int, functions) -> dict[str, np.ndarray]:
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
        parse = functions["parse"](tf.constant(images), tf.constant(seeds))
        known |= {key: value.numpy() for key, value in parse.items()}
    specs = functions[name].structured_input_signature[0]
    return {spec.name: known[spec.name] for spec in specs}


@pytest.mark.parametrize("rows", [1, 16])
@pytest.mark.parametrize("name", _NAMES)
def test_outputs_of_a_session_equal_the_live_model(exported, name, rows):
    functions, _, session = exported
    inputs = _inputs(name, rows, functions)
    live = functions[name](*map(tf.constant, inputs.values()))
    served = session.run(name, inputs)
    assert set(served) == set(live)
    for key, value in live.items():
        assert len(served[key]) == rows
        np.testing.assert_allclose(
            served[key], value, rtol=1e-5, atol=1e-5, err_msg=key
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


def test_reconstruct_is_the_default_signature(exported):
    functions = exported[0]
    assert functions[signatures.DEFAULT] is functions["reconstruct"]


def test_every_signature_is_exported(exported):
    assert set(exported[2].signatures) == set(_NAMES)


def test_rows_do_not_depend_on_their_batch(exported):
    functions, _, session = exported
    for name in ("generate", "complete", "exemplars", "log_likelihood"):
        inputs = _inputs(name, 16, functions)
        together = session.run(name, inputs)
        alone = session.run(name, {k: v[5:6] for k, v in inputs.items()})
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
def test_bad_inputs_are_refused_with_a_reason(exported, name, inputs, message):
    session = exported[2]
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
        ({"blur": lambda x: 0 * x}, "blur must be finite and above 0"),
        ({"layout": lambda x: x[:, :1]}, "layout must have shape"),
        ({"control_points": lambda x: x * np.nan}, "control_points must be"),
        ({"presence": lambda x: x[:0]}, "presence must have shape"),
    ],
)
def test_bad_strokes_are_refused_with_a_reason(exported, change, message):
    functions, _, session = exported
    inputs = _inputs("render", 2, functions)
    for key, function in change.items():
        inputs[key] = function(inputs[key])
    with pytest.raises(session_lib.Error, match=message):
        session.run("render", inputs)


def test_graph_has_only_core_operations_and_each_variable_once(exported):
    folder = exported[1]
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
    variables = models.build(_CONFIG).variables
    assert sum(sizes.values()) == sum(math.prod(v.shape) for v in variables)


_FRESH = """
import json, sys
import numpy as np
import tensorflow as tf

loaded = tf.saved_model.load(sys.argv[1])
inputs = {k: tf.constant(v) for k, v in np.load(sys.argv[2]).items()}
points = inputs["control_points"]
with tf.GradientTape() as tape:
    tape.watch(points)
    loss = tf.reduce_sum(loaded.render(**inputs)["canvas"] ** 2)
np.save(sys.argv[3], tape.gradient(loss, points).numpy())
print(json.dumps([m for m in sys.modules if m.split(".")[0] == "tfdood"]))
"""


def test_export_is_differentiable_without_the_source_code(exported, tmp_path):
    functions, folder, _ = exported
    inputs = _inputs("render", 2, functions)
    np.savez(tmp_path / "inputs.npz", **inputs)
    command = [sys.executable, "-c", _FRESH, folder]
    command += [tmp_path / "inputs.npz", tmp_path / "gradient.npy"]
    out = subprocess.run(
        command, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert json.loads(out.stdout) == []
    tensors = {key: tf.constant(value) for key, value in inputs.items()}
    points = tensors["control_points"]
    with tf.GradientTape() as tape:
        tape.watch(points)
        canvas = functions["render"](*tensors.values())["canvas"]
        loss = tf.reduce_sum(canvas**2)
    gradient = tape.gradient(loss, points)
    assert np.abs(gradient).max() > 0.1
    np.testing.assert_allclose(
        np.load(tmp_path / "gradient.npy"), gradient, rtol=1e-4, atol=1e-5
    )


def test_export_runs_in_saved_model_cli(exported, tmp_path):
    functions, folder, session = exported
    seeds = np.array([[1, 2], [3, 4]], np.int32)
    np.savez(tmp_path / "inputs.npz", seeds=seeds)
    cli = pathlib.Path(sys.executable).with_name("saved_model_cli")
    subprocess.run(
        [cli, "run", "--dir", folder, "--tag_set", "serve"]
        + ["--signature_def", "generate", "--outdir", tmp_path]
        + ["--inputs", f"seeds={tmp_path}/inputs.npz[seeds]"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    canvas = session.run("generate", {"seeds": seeds})["canvas"]
    np.testing.assert_allclose(
        np.load(tmp_path / "canvas.npy"), canvas, atol=1e-5
    )
