"""All model families, as `tfdood.models` makes them."""

import dataclasses
import inspect

import keras
import numpy as np
import pytest

from tests import tiny_models
from tfdood import models
from tfdood.models import learning
from tfdood.settings import schema

_METHODS = ("reconstruct", "parse", "sample", "complete", "exemplars")
_TRAINABLE = [n for n, _ in inspect.getmembers(learning.Trainable, callable)]


def test_every_family_of_settings_has_a_model():
    assert list(models.MODELS) == list(schema.FAMILIES)


@pytest.mark.parametrize("family", models.MODELS.values())
def test_every_family_implements_the_interfaces(family):
    assert issubclass(family.model, models.Model)
    assert not inspect.isabstract(family.model)
    assert len(family.model.description) > 20
    names = [n for n in _TRAINABLE if not n.startswith("_")]
    assert set(names) >= {"loss", "update", "state", "parameter_groups"}
    for learner in filter(None, (family.learner, family.part_learner)):
        assert not inspect.isabstract(learner)


def test_only_models_of_curves_are_stroke_models():
    found = {
        name
        for name, family in models.MODELS.items()
        if issubclass(family.model, models.StrokeModel)
    }
    assert found == {"dood"}


@pytest.mark.parametrize("preset", ["dood_dr", "vae"])
def test_build_and_trainable_make_the_family_of_the_settings(preset):
    config = tiny_models.config(preset)
    model = models.build(config.model)
    family = models.MODELS[config.model.name]
    assert type(model) is family.model
    assert model.settings is config.model
    learner = models.trainable(model, config.objective)
    assert type(learner) is family.learner
    assert learner.objective is config.objective


def test_unknown_family_is_refused_with_the_known_ones(tiny):
    with pytest.raises(ValueError, match="Unknown model 'doodle'.*'dood'"):
        models.build(dataclasses.replace(tiny, name="doodle"))


def test_settings_out_of_range_are_refused(tiny):
    with pytest.raises(ValueError, match="model.prior must be one of"):
        models.build(dataclasses.replace(tiny, prior="independant"))


@pytest.mark.parametrize("preset", ["dood", "air", "vae"])
def test_images_may_be_of_any_type_but_not_of_any_value(preset, dood):
    model = dood if preset == "dood" else tiny_models.build(preset)
    pixels = np.random.default_rng(0).integers(0, 2, [3, 20, 20, 1], np.uint8)
    canvases = [
        model.reconstruct(pixels.astype(dtype)).canvas.numpy()
        for dtype in (np.uint8, np.float64, np.float32)
    ]
    # Zeros and ones are exact in all types; the same route, repeated: exact.
    np.testing.assert_array_equal(canvases[0], canvases[2])
    np.testing.assert_array_equal(canvases[1], canvases[2])
    methods = [name for name in _METHODS if hasattr(model, name)]
    assert len(methods) >= 3
    for wrong in (255 * pixels, pixels - 0.5, pixels * np.nan):
        for method in methods:
            seed = {} if method == "reconstruct" else {"seed": [0, 1]}
            with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
                getattr(model, method)(wrong, **seed)


def test_another_dtype_of_keras_is_refused(tiny):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        with pytest.raises(ValueError, match="dtype policy 'mixed_bfloat16'"):
            models.build(tiny)
    finally:
        keras.config.set_dtype_policy("float32")
