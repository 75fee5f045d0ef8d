import pytest

from tfdood.settings import presets, text
from tfdood.settings.scenes import Gnm, SceneVae


@pytest.mark.parametrize("kind", [Gnm, SceneVae])
@pytest.mark.parametrize(
    ("prior", "size"),
    [("mlp", 6), ("gaussian", 6), ("convolutional", 24)],
)
def test_a_code_with_convolutions_has_numbers_for_each_cell(kind, prior, size):
    settings = kind(grid_size=2, num_levels=2, level_size=3, scene_prior=prior)
    assert settings.num_cells == 4
    assert settings.code_size == size


@pytest.mark.parametrize(
    ("preset", "has_hidden_layers"),
    [
        ("gnm", True),
        ("gnm_gaussian", True),
        ("gnm_no_mlp", False),
        ("convdraw_mlp", True),
        ("convdraw", False),
        ("scene_vae", False),
    ],
)
def test_hidden_layers_have_a_width_where_there_are_any(
    preset, has_hidden_layers
):
    config = presets.get(preset, "mnist_4")
    effective = text.with_effect(config)
    assert ("model.hidden_width" in effective) == has_hidden_layers
