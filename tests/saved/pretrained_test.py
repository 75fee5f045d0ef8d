import dataclasses
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

import tfdood
from tests import seeding
from tests.saved import rounding, tiny_runs
from tfdood import data, models
from tfdood.data.scenes import NO_OBJECT
from tfdood.evaluate.measures import detection
from tfdood.models.gns import measuring
from tfdood.saved import pretrained
from tfdood.settings import architectures, presets, text
from tfdood.types import SplineStrokes

_MODEL = architectures.Dood(
    image_size=20,
    glimpse_size=10,
    num_strokes=2,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
)
_SHIPPED = pretrained.FOLDER
# The mean absolute error of a pixel and the mean number of strokes, on 1,000
# test drawings (docs/results.md).
_PUBLISHED = {
    "mnist": (0.0165, 3.24),
    "emnist": (0.0220, 3.70),
    "kmnist": (0.0400, 5.58),
    "quickdraw": (0.0411, 5.58),
    "omniglot": (0.0214, 4.93),
    "all": (0.0266, 6.37),  # The mean over the five datasets.
}
_NUM_DRAWINGS = 200


@pytest.fixture(name="folder")
def _folder(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(name="stored", scope="module")
def _stored(tmp_path_factory):
    """A model, and a folder that holds it as `tiny`."""
    seeding.initial_weights()
    model = models.build(_MODEL)
    folder = tmp_path_factory.mktemp("stored")
    config = dataclasses.replace(presets.get("dood", "kmnist"), model=_MODEL)
    weights = [np.asarray(v.value) for v in model.variables]
    facts = {"step": 7, "metrics": {"iwae_10": 1.5}, "measured_on": "two"}
    pretrained.write(
        folder / "tiny.npz", pretrained.Pretrained(config, facts, weights)
    )
    return model, folder


@pytest.fixture(name="model")
def _model(stored, folder):
    """A model, stored as `tiny` in a folder of the test's own."""
    model, written = stored
    shutil.copytree(written, folder, dirs_exist_ok=True)
    return model


def test_package_has_a_model_of_each_dataset_of_all_of_strokes_and_of_scenes():
    assert pretrained.names() == sorted(
        [*data.NAMES, data.UNION, "gns", "gnm_mnist_4"]
    )


@pytest.mark.parametrize("name", [*data.NAMES, data.UNION])
def test_shipped_models_have_the_settings_of_their_presets(name):
    """And those of the commands in docs/training.md."""
    shipped = pretrained.read(name).config
    expected = presets.get("dood", name)
    if name in ("emnist", "omniglot"):
        changes = (
            "training.learning_rate=5e-4",
            "objective.scale_anneal_steps=2500",
        )
        expected = text.override(expected, changes)
    if shipped.training.start_from:
        expected = text.override(expected, presets.warm_start(expected))
    of_the_run = ("num_steps", "decay_steps", "source", "start_from")
    training = dataclasses.replace(
        expected.training,
        **{k: getattr(shipped.training, k) for k in of_the_run},
    )
    assert shipped == dataclasses.replace(expected, training=training)


@pytest.mark.parametrize(
    "name",
    [
        "mnist",
        *(pytest.param(n, marks=pytest.mark.slow) for n in data.NAMES[1:]),
        data.UNION,
    ],
)
def test_shipped_models_reconstruct_drawings_as_published(name):
    """The error and strokes of random drawings of the embedded test sample.

    The published numbers are of the complete test sets. The standard errors of
    means of 200 drawings are about 0.03 of the means.
    """
    model = tfdood.load_pretrained(name)
    images = data.read(name, "test").images
    # The sample is in an order of classes.
    rows = np.random.default_rng(0).permutation(len(images))[:_NUM_DRAWINGS]
    images = tf.constant(images[rows], tf.float32) / 255.0
    drawing = tf.function(model.reconstruct, autograph=False)(images)
    error = float(tf.reduce_mean(tf.abs(images - drawing.canvas)))
    num_strokes = float(tf.reduce_mean(model.counts(drawing)["num_strokes"]))
    published_error, published_strokes = _PUBLISHED[name]
    assert error == pytest.approx(published_error, rel=0.1)
    assert num_strokes == pytest.approx(published_strokes, rel=0.08)


def test_the_shipped_prior_of_strokes_has_the_settings_of_its_preset():
    config = pretrained.read("gns").config
    changes = ["training.num_steps=3200"]  # As in docs/decisions.md.
    expected = text.override(presets.get("gns", "omniglot_strokes"), changes)
    training = dataclasses.replace(
        expected.training, source=config.training.source
    )
    assert config == dataclasses.replace(expected, training=training)


def test_the_shipped_prior_of_strokes_has_the_nats_of_its_evaluation():
    """Those of 200 of the 2,000 validation drawings of its card."""
    model = tfdood.load_pretrained("gns")
    strokes = data.read("omniglot_strokes", "validation").strokes
    sums = tf.function(
        lambda *given: measuring.measures(
            model.log_prior(*given), SplineStrokes(*given)
        ),
        autograph=False,
    )(*map(tf.constant, strokes))
    expected = pretrained.read("gns").facts["metrics"]
    for name in ("start", "offset", "stop"):
        found = tf.reduce_sum(sums[name][0]) / tf.reduce_sum(sums[name][1])
        assert float(found) == pytest.approx(expected[name], rel=0.06)


def test_the_shipped_model_of_scenes_learned_its_code_last():
    config = pretrained.read("gnm_mnist_4").config
    changes = (
        "training.num_steps=10000",
        "training.batch_size=64",
        "training.decay_steps=5000",
        "training.start_from=runs/gnm_mnist_4",
        "objective.learns=scene_code",
    )
    expected = text.override(presets.get("gnm", "mnist_4"), changes)
    expected = text.override(expected, presets.warm_start(expected))
    training = dataclasses.replace(
        expected.training, source=config.training.source
    )
    assert config == dataclasses.replace(expected, training=training)


def test_the_shipped_model_of_scenes_finds_digits():
    scenes = data.read_scenes("mnist_4", "test", image_size=64).first(64)
    model = tfdood.load_pretrained("gnm_mnist_4")
    images = tf.constant(scenes.images, tf.float32) / 255.0
    found = tf.function(model.reconstruct, autograph=False)(images)
    assert np.mean(np.abs(images - found.canvas)) < 0.012
    boxes = detection.Boxes(found.boxes.numpy(), found.presence.numpy())
    objects = detection.Objects(scenes.boxes, scenes.labels != NO_OBJECT)
    measures = detection.measure(boxes, objects)
    assert measures["average_precision_50"].value > 0.8


def test_written_model_is_loaded_up_to_rounding(model):
    loaded = tfdood.load_pretrained("tiny")
    assert type(loaded) is type(model)
    assert loaded.settings == model.settings
    images = tf.random.stateless_uniform([3, 20, 20, 1], [1, 2])
    got, expected = (m.reconstruct(images).canvas for m in (loaded, model))
    np.testing.assert_allclose(got, expected, atol=0.02)
    for a, b in zip(loaded.variables, model.variables, strict=True):
        rounding.assert_rounded(a, b)


@pytest.mark.usefixtures("model")
def test_weights_and_configuration_are_in_separate_files(folder):
    stored = json.loads((folder / "tiny.json").read_text())
    assert set(stored) == {"config", "facts"}
    with np.load(folder / "tiny.npz") as arrays:
        floats = [a.dtype for a in arrays.values() if a.dtype.kind == "f"]
    assert set(floats) == {np.dtype(np.float16)}
    kept = pretrained.read("tiny")
    assert kept.config.model == _MODEL
    assert kept.config.training.dataset == "kmnist"
    assert kept.facts["step"] == 7
    assert kept.facts["metrics"] == {"iwae_10": 1.5}


def test_large_arrays_of_weights_are_rounded_to_a_sixteenth(folder):
    many = np.random.default_rng(0).normal(0.0, 0.2, [50, 60]) + 0.1
    few = many[:3].astype(np.float32)
    weights = [many.astype(np.float32), few, np.full([2000], 0.3), np.int64(7)]
    config = presets.get("dood", "mnist")
    pretrained.write(
        folder / "rounded.npz", pretrained.Pretrained(config, {}, weights)
    )
    rounded, *others = pretrained.read("rounded").weights
    steps = rounded * 128  # 1/128 <= 0.2 / 16 < 1/64
    np.testing.assert_array_equal(steps, np.round(steps))
    np.testing.assert_allclose(rounded, many, atol=1 / 256 + 1e-6)
    for kept, given in zip(others, weights[1:], strict=True):
        np.testing.assert_allclose(kept, given, rtol=1e-3)


@pytest.mark.usefixtures("model")
def test_error_of_unknown_name_lists_known_names():
    assert pretrained.names() == ["tiny"]
    for name in ("huge", "pretrained:huge"):
        listed = f"'{name}'; choose from pretrained:tiny,"
        with pytest.raises(ValueError, match=listed):
            tfdood.load_pretrained(name)


@pytest.mark.usefixtures("model")
def test_name_with_a_prefix_is_the_name():
    by_name, by_prefix = map(
        tfdood.load_pretrained, ("tiny", "pretrained:tiny")
    )
    for a, b in zip(by_name.variables, by_prefix.variables, strict=True):
        np.testing.assert_array_equal(a, b)  # The same numbers, read twice.


def test_folder_of_a_run_is_its_newest_intact_checkpoint(make_run):
    run = make_run("dood", "changing", *tiny_runs.TINY_CURVES)
    before = [np.asarray(variable) for variable in run.model.variables]
    for path in (run.path, str(run.path)):
        loaded = tfdood.load_pretrained(path)
        assert loaded.settings == run.model.settings
        for variable, expected in zip(loaded.variables, before, strict=True):
            np.testing.assert_array_equal(variable, expected)
    weight = run.model.trainable_variables[0]
    weight.assign_add(tf.ones_like(weight))
    run.save(8)
    newest = tfdood.load_pretrained(run.path).trainable_variables[0]
    np.testing.assert_array_equal(newest, weight)
    [data_file] = run.path.glob("checkpoints/checkpoint-8.data*")
    data_file.write_bytes(data_file.read_bytes()[:100])
    for variable, expected in zip(
        tfdood.load_pretrained(run.path).variables, before, strict=True
    ):
        np.testing.assert_array_equal(variable, expected)


def test_folder_that_is_no_run_is_refused(short_export, tmp_path):
    for folder in (short_export.path, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match="or give the folder of a run"):
            tfdood.load_pretrained(folder)


@pytest.mark.usefixtures("model")
def test_error_names_the_file_of_damaged_weights(folder):
    path = folder / "tiny.npz"
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ValueError, match=r"tiny\.npz is not a readable npz"):
        pretrained.load("tiny")


@pytest.mark.usefixtures("model")
def test_error_names_missing_arrays(folder):
    path = folder / "tiny.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays}
    del kept["weight_003"]
    np.savez(path, **kept)
    with pytest.raises(ValueError, match="damaged: 'weight_003'. Install"):
        pretrained.load("tiny")


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"facts": {}}', "'config'"),
        ('{"config": {"preset": "dood"}, "facts": {}}', "has the model None"),
    ],
)
def test_error_names_the_damaged_configuration(folder, content, message):
    path = folder / "tiny.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=r"tiny\.json is damaged") as error:
        pretrained.load("tiny")
    assert message in str(error.value)
    assert str(error.value).endswith("Install the package again.")


@pytest.mark.usefixtures("model")
def test_weights_of_another_model_are_refused():
    kept = pretrained.read("tiny")
    wider = text.override(kept.config, ["model.width=9"])
    with pytest.raises(ValueError, match="do not fit"):
        kept.build(wider)


@pytest.mark.usefixtures("model")
def test_weights_beyond_half_precision_are_refused(folder):
    kept = pretrained.read("tiny")
    huge = dataclasses.replace(kept, weights=[np.float32([1e6])])
    with pytest.raises(ValueError, match="half precision"):
        pretrained.write(folder / "huge.npz", huge)
    assert not list(folder.glob("huge*"))
