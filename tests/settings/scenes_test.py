import pytest

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
