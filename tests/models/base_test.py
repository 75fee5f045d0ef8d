import numpy as np
import pytest

from tfdood import models
from tfdood.models import base
from tfdood.settings.schema import ModelConfig


def _subclass(methods):
    return type("Model", (base.DrawingModel,), dict.fromkeys(methods, abs))


@pytest.mark.parametrize("name", sorted(base.DrawingModel.__abstractmethods__))
def test_a_model_must_fill_in_all_of_the_interface(name):
    methods = base.DrawingModel.__abstractmethods__
    assert _subclass(methods)(ModelConfig()) is not None
    with pytest.raises(TypeError, match=f"abstract method '?{name}"):
        _subclass(methods - {name})(ModelConfig())


@pytest.mark.parametrize("preset", ["dood", "air", "vae"])
def test_images_may_be_of_any_type_but_not_of_any_value(make_tiny, preset):
    model = make_tiny(preset)
    pictures = np.random.default_rng(0).integers(0, 2, [3, 20, 20, 1], np.uint8)
    canvases = [
        model.reconstruct(pictures.astype(dtype)).canvases.numpy()
        for dtype in (np.uint8, np.float64, np.float32)
    ]
    # Of the same numbers once they are cast, by the same route: exact.
    np.testing.assert_array_equal(canvases[0], canvases[2])
    np.testing.assert_array_equal(canvases[1], canvases[2])
    for wrong in (255 * pictures, pictures - 0.5, pictures * np.nan):
        for method in ("reconstruct", "parse", "complete", "exemplars"):
            seed = {} if method == "reconstruct" else {"seed": [0, 1]}
            with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
                getattr(model, method)(wrong, **seed)


def test_settings_out_of_range_build_nothing():
    with pytest.raises(ValueError, match="model.prior must be one of"):
        models.build(ModelConfig(prior="independant"))


@pytest.mark.parametrize("model", models.MODELS.values())
def test_every_model_does(model):
    assert issubclass(model, base.DrawingModel)
    assert not model.__abstractmethods__
