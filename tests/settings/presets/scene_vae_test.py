"""What the baselines of GNM share with it, and how large they are."""

import math

import pytest

from tfdood import models
from tfdood.settings import presets, text

_NAMES = ("convdraw", "convdraw_8", "convdraw_mlp", "scene_vae")
_SHARED = (
    *("image_size", "colours", "grid_size", "width", "pixel_std", "std_floor"),
    *("level_size", "hidden_width"),
)


@pytest.mark.parametrize("dataset", ["mnist_4", "arrow_like"])
@pytest.mark.parametrize("name", _NAMES)
def test_a_baseline_is_trained_and_measured_as_gnm(name, dataset):
    ours, gnm = (presets.get(n, dataset) for n in (name, "gnm"))
    assert ours.training == gnm.training
    for field in _SHARED:
        assert getattr(ours.model, field) == getattr(gnm.model, field)
    for field in ("beta", "beta_steps"):
        assert getattr(ours.objective, field) == getattr(gnm.objective, field)


# At the paper's size; Table 5 has 1.5 and 4.7 of ConvDRAW, 1.5 of the VAE.
@pytest.mark.parametrize(
    ("name", "dataset", "millions"),
    [
        ("convdraw", "mnist_4", 1.58),
        ("convdraw", "arrow_like", 4.57),
        ("scene_vae", "mnist_4", 1.37),
        ("scene_vae", "arrow_like", 1.81),
    ],
)
def test_the_sizes_are_near_the_published_ones(name, dataset, millions):
    config = presets.get(name, dataset)
    config = text.override(config, ["model.image_size=128"])
    weights = models.build(config.model).trainable_variables
    count = sum(math.prod(weight.shape) for weight in weights)
    assert count / 1e6 == pytest.approx(millions, abs=0.005)
