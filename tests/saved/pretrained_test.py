import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfdood
from tfdood import data, models
from tfdood.files import npz
from tfdood.saved import pretrained
from tfdood.settings import presets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

_MODEL = config_lib.ModelConfig(
    image_size=20,
    glimpse_size=10,
    num_strokes=2,
    num_curve_points=30,
    width=8,
    num_mixtures=3,
)


_SHIPPED = pretrained.FOLDER
_GENTLY = (
    *presets.WARM_START,
    "training.learning_rate=2.5e-4",
    "training.clip_norm=30000",
    "model.min_blur=0.01",
)
_BESIDES = {  # What the README's commands give besides the length of the run.
    "mnist": (*_GENTLY, "training.start_from=runs/dood_mnist"),
    "quickdraw": (*_GENTLY, "training.start_from=pretrained:kmnist"),
}


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(name="model")
def _model(folder):
    """A model, kept as `tiny`."""
    keras.utils.set_random_seed(0)
    model = models.build(_MODEL)
    config = dataclasses.replace(presets.get("dood", "kmnist"), model=_MODEL)
    weights = [np.asarray(v.value) for v in model.variables]
    facts = {"step": 7, "metrics": {"iwae_10": 1.5}, "measured_on": "two"}
    pretrained.write(
        folder / "tiny.npz", pretrained.Pretrained(config, facts, weights)
    )
    return model


@pytest.mark.parametrize("name", data.NAMES)
def test_what_is_shipped_is_what_the_preset_trains(name, monkeypatch):
    monkeypatch.setattr(pretrained, "FOLDER", _SHIPPED)
    shipped = pretrained.read(name).config
    expected = settings_lib.override(
        presets.get("dood", name), _BESIDES.get(name, ())
    )
    of_the_run = ("num_steps", "decay_steps", "source")
    training = dataclasses.replace(
        expected.training,
        **{k: getattr(shipped.training, k) for k in of_the_run},
    )
    assert shipped == dataclasses.replace(expected, training=training)


def test_loads_what_was_written_but_for_rounding(model):
    loaded = tfdood.load_pretrained("tiny")
    images = tf.random.stateless_uniform([3, 20, 20, 1], [1, 2])
    got = loaded.log_likelihood(
        images, loaded.reconstruct(images).canvases[:, -1]
    )
    expected = model.log_likelihood(
        images, model.reconstruct(images).canvases[:, -1]
    )
    np.testing.assert_allclose(got, expected, rtol=0.01)
    for a, b in zip(loaded.variables, model.variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)


@pytest.mark.usefixtures("model")
def test_keeps_configuration_and_facts():
    kept = pretrained.read("tiny")
    assert kept.config.model == _MODEL
    assert kept.config.training.dataset == "kmnist"
    assert kept.facts["step"] == 7
    assert kept.facts["metrics"] == {"iwae_10": 1.5}


@pytest.mark.usefixtures("model")
def test_an_unknown_name_is_answered_with_the_known_ones():
    assert pretrained.names() == ["tiny"]
    with pytest.raises(ValueError, match="'huge'; choose from tiny"):
        tfdood.load_pretrained("huge")


@pytest.mark.usefixtures("model")
def test_a_damaged_file_is_named(folder):
    path = folder / "tiny.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2000])
    with pytest.raises(ValueError, match=r"tiny\.npz is not a readable npz"):
        pretrained.load("tiny")
    path.write_bytes(whole)
    kept = npz.read(path)
    np.savez(path, **(kept | {"config": "{}"}))
    with pytest.raises(ValueError, match=r"tiny\.npz is damaged"):
        pretrained.load("tiny")


@pytest.mark.usefixtures("model")
def test_weights_of_another_model_are_refused():
    kept = pretrained.read("tiny")
    wider = settings_lib.override(kept.config, ["model.width=9"])
    with pytest.raises(ValueError, match="do not fit"):
        kept.build(wider)


@pytest.mark.usefixtures("model")
def test_weights_beyond_half_precision_are_refused(folder):
    kept = pretrained.read("tiny")
    huge = dataclasses.replace(kept, weights=[np.float32([1e6])])
    with pytest.raises(ValueError, match="half precision"):
        pretrained.write(folder / "huge.npz", huge)
    assert not list(folder.glob("huge*"))
