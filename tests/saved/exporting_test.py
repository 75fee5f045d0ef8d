"""Exports of models of any family."""

import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import ClassVar, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from tests.saved import tiny_runs
from tests.serving import warm_ups
from tfdood import models
from tfdood.models import explaining
from tfdood.saved import exported, exporting, runs, session
from tfdood.settings import architectures, objectives, presets, schema, text
from train import checkpoints


@dataclasses.dataclass(frozen=True)
class _Settings(architectures.ImageModel):
    """The settings of a new family."""

    name: str = schema.setting("grey", "The model family.")


class _Painting(NamedTuple):
    """What the new model draws."""

    canvas: tf.Tensor


class Grey(explaining.ExplainingModel):
    """Paints images with one grey value, whatever they show."""

    description: ClassVar[str] = "A model of a family that no other file knows."

    def __init__(self, settings):
        super().__init__(settings)
        self.grey = self.add_weight(shape=[], initializer="zeros", name="grey")
        self.built = True

    def log_weights(self, images, num_particles, seed):
        del seed
        error = tf.reduce_sum((images - self.grey) ** 2, [1, 2, 3])
        return tf.repeat(-error[tf.newaxis], num_particles, 0)

    def reconstruct(self, images):
        return _Painting(self.grey * tf.ones_like(images))

    def generate(self, num_drawings, temperature=1.0, seed=None):
        del seed
        size = self.settings.image_size
        grey = tf.fill([num_drawings, size, size, 1], self.grey.value)
        return _Painting(grey * tf.reshape(temperature, [-1, 1, 1, 1]))


@pytest.fixture(name="run")
def _run(tmp_path, monkeypatch):
    """A run of the new family, with a checkpoint of step 3."""
    monkeypatch.setitem(
        schema.FAMILIES,
        "grey",
        schema.Family(_Settings, objectives.PixelObjective),
    )
    monkeypatch.setitem(models.MODELS, "grey", models.Family(Grey, None))
    training = presets.get("dood", "kmnist").training
    config = schema.Config(
        "new", _Settings(image_size=16), objectives.PixelObjective(), training
    )
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(text.to_json(config))
    model = models.build(config.model)
    model.grey.assign(0.25)
    checkpoints.Checkpoints(
        {"model": runs.variables(model)}, folder / runs.CHECKPOINTS
    ).save(3)
    return folder


def test_a_model_of_a_new_family_is_exported_with_its_card(run, tmp_path):
    version = exporting.export(run, tmp_path / "grey", num_particles=2)
    card = (version / "model_card.md").read_text()
    assert Grey.description in card
    assert "- `model.image_size`: 16\n" in card
    record = json.loads((version / "export.json").read_text())
    assert record["signatures"] == {
        "reconstruct": ["images"],
        "log_likelihood": ["images", "seeds"],
        "generate": ["seeds"],
        "generate_tempered": ["seeds", "temperature"],
        "reconstruct_bytes": ["image_bytes"],
        "serving_default": ["images"],
    }
    model = exported.ExportedModel(version)
    assert model.config == runs.read_config(run)
    served = tf.saved_model.load(str(version)).signatures["reconstruct"]
    canvas = served(images=tf.ones([2, 16, 16, 1]))["canvas"]
    np.testing.assert_allclose(canvas, np.full([2, 16, 16, 1], 0.25))


_SMALL_SCENES = (
    *("model.image_size=16", "model.grid_size=2", "model.object_size=4"),
    *("model.width=8", "model.hidden_width=8", "model.num_levels=1"),
)


@pytest.mark.parametrize(
    "colours", [pytest.param("grey", marks=pytest.mark.slow), "rgb"]
)
def test_models_of_scenes_read_pictures_in_their_colours(
    make_run, tmp_path, colours
):
    run = make_run("gnm", colours, *_SMALL_SCENES, f"model.colours={colours}")
    names = "reconstruct", "reconstruct_bytes", "generate"
    with tiny_runs.few_signatures(*names):
        exporting.export(run.path, tmp_path / "scenes", num_particles=2)
    model = exported.ExportedModel(tmp_path / "scenes")
    picture = np.zeros([16, 32, 3], np.uint8)
    picture[:, :16, 0] = 255  # The left half is red.
    png = tf.io.encode_png(picture).numpy()
    with session.Session(model.path) as loaded:
        warm = warm_ups.read(model.path)
        assert set(warm) == {*names, "serving_default"}
        for signature in names:
            outputs = loaded.run(signature, warm[signature])
            assert all(np.isfinite(x).all() for x in outputs.values())
        inputs = {"image_bytes": np.array([png], object)}
        answer = loaded.run("reconstruct_bytes", inputs)
    [image] = answer["image"]
    assert answer["canvas"].shape[1:] == image.shape
    if colours == "grey":
        assert image.shape == (16, 16, 1)  # The long picture was padded.
        assert not image[:3].any()
    else:
        expected = np.zeros([16, 16, 3])
        expected[:, :8, 0] = 1.0
        np.testing.assert_allclose(image, expected, atol=0.3)
    card = (model.path / "model_card.md").read_text()
    assert ("white ink on black" in card) == (colours == "grey")


def test_num_strokes_is_refused_for_a_model_without_strokes(run, tmp_path):
    with pytest.raises(ValueError, match="num_strokes; leave --num_strokes o"):
        exporting.export(run, tmp_path / "grey", num_strokes=2)
    assert not (tmp_path / "grey").exists()


def test_no_model_is_exported_into_the_folder_of_a_run(run):
    with pytest.raises(ValueError, match="is the folder of a run"):
        exporting.export(run, run)
    assert not (run / "unfinished").exists()


def test_no_model_is_exported_into_a_folder_that_is_a_pattern(run, tmp_path):
    with pytest.raises(ValueError, match="takes for a pattern"):
        exporting.export(run, tmp_path / "models[1]")
    assert not (tmp_path / "models[1]").exists()


def test_read_returns_the_newest_checkpoint_and_its_metrics(run):
    record = {"step": 2, "validation/iwae": 1.5}
    (run / "metrics.jsonl").write_text(json.dumps(record) + "\n")
    trained = exporting.read(str(run), ["model.pixel_scale_floor=0.5"])
    assert trained.step == 3
    assert float(trained.model.grey) == 0.25
    assert trained.config.model.pixel_scale_floor == 0.5
    assert trained.metrics == {"iwae": 1.5}


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


def test_export_is_differentiable_without_the_source_code(
    tiny_run, short_export, tmp_path
):
    listed = tiny_run.model.signatures(2)
    images = tf.random.stateless_uniform([2, 20, 20, 1], [1, 2]) ** 4
    seeds = tf.constant([[1, 2], [3, 4]])
    parse = listed["parse"].function(images=images, seeds=seeds)
    inputs = {name: parse[name] for name in listed["render"].inputs}
    inputs["presence"] = tf.ones_like(inputs["presence"])
    np.savez(tmp_path / "inputs.npz", **inputs)
    command = [sys.executable, "-c", _FRESH, short_export.path]
    command += [tmp_path / "inputs.npz", tmp_path / "gradient.npy"]
    out = subprocess.run(
        command, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert json.loads(out.stdout) == []
    points = inputs["control_points"]
    with tf.GradientTape() as tape:
        tape.watch(points)
        canvas = listed["render"].function(**inputs)["canvas"]
        loss = tf.reduce_sum(canvas**2)
    gradient = tape.gradient(loss, points)
    assert np.abs(gradient).max() > 0.1
    np.testing.assert_allclose(
        np.load(tmp_path / "gradient.npy"), gradient, rtol=1e-4, atol=1e-5
    )


@pytest.mark.slow
def test_export_runs_in_saved_model_cli(tiny_run, short_export, tmp_path):
    seeds = np.array([[1, 2], [3, 4]], np.int32)
    np.savez(tmp_path / "inputs.npz", seeds=seeds)
    cli = pathlib.Path(sys.executable).with_name("saved_model_cli")
    subprocess.run(
        [cli, "run", "--dir", short_export.path, "--tag_set", "serve"]
        + ["--signature_def", "generate", "--outdir", tmp_path]
        + ["--inputs", f"seeds={tmp_path}/inputs.npz[seeds]"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    canvas = tiny_run.model.generate(2, seed=tf.constant(seeds)).canvas
    np.testing.assert_allclose(
        np.load(tmp_path / "canvas.npy"), canvas, atol=1e-5
    )
