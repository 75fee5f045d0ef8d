import pytest

from tfdood import models
from tfdood.config import ModelConfig
from tfdood.models import base


def _subclass(methods):
    return type("Model", (base.DrawingModel,), dict.fromkeys(methods, abs))


@pytest.mark.parametrize("name", sorted(base.DrawingModel.__abstractmethods__))
def test_a_model_must_fill_in_all_of_the_interface(name):
    methods = base.DrawingModel.__abstractmethods__
    assert _subclass(methods)(ModelConfig()) is not None
    with pytest.raises(TypeError, match=f"abstract method '?{name}"):
        _subclass(methods - {name})(ModelConfig())


@pytest.mark.parametrize("model", models.MODELS.values())
def test_every_model_does(model):
    assert issubclass(model, base.DrawingModel)
    assert not model.__abstractmethods__
