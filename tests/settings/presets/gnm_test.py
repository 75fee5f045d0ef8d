"""What the presets of GNM have in common, and where they differ."""

import pytest

from tfdood.settings import presets, text

_VARIANTS = {
    "gnm_gaussian": {"model.scene_prior"},
    "gnm_no_mlp": {"model.scene_prior"},
    "gnm_8": {"model.num_levels"},
}


@pytest.mark.parametrize("dataset", ["mnist", "arrow_like"])
@pytest.mark.parametrize("name", _VARIANTS)
def test_a_variant_differs_from_gnm_in_one_setting(name, dataset):
    ours, variant = (
        text.flatten(presets.get(n, dataset)) for n in ("gnm", name)
    )
    changed = {path for path in ours if ours[path] != variant[path]}
    assert changed - {"preset"} == _VARIANTS[name]


@pytest.mark.parametrize(
    "name", [n for n in presets.PRESETS if n.startswith("gnm")]
)
def test_a_dataset_with_colours_has_a_model_with_colours(name):
    grey, colours = (
        presets.get(name, dataset).model for dataset in ("mnist", "arrow_like")
    )
    assert (grey.num_channels, colours.num_channels) == (1, 3)
    assert (grey.width, colours.width) == (64, 128)


def test_schedules_of_gnm_are_shorter_than_those_of_the_paper():
    ours, paper = (
        presets.get(name, "mnist").objective for name in ("gnm", "gnm_paper")
    )
    for name in ("beta_steps", "temperature_steps", "rate_steps"):
        assert getattr(ours, name) < getattr(paper, name)
    assert (paper.what_start, paper.what_steps) == (1.0, 0)
