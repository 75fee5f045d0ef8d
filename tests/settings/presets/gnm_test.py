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


_PUBLISHED = {
    "model.image_size": (128, 128),
    "model.object_size": (32, 64),
    "model.grid_size": (4, 4),
    "model.width": (64, 128),
    "model.hidden_width": (512, 512),
    "model.num_levels": (4, 4),
    "model.level_size": (32, 32),
    "model.what_size": (20, 64),
    "model.pixel_std": (0.2, 0.2),
    "objective.scale_mean": (-1.6, -1.5),
    "objective.scale_std": (0.1, 0.1),
    "objective.ratio_std": (0.3, 0.3),
    "objective.beta": (1.0, 1.0),
    "objective.beta_steps": (100_000, 100_000),
    "objective.rate_start": (0.1, 0.1),
    "objective.rate_end": (0.001, 0.001),
    "objective.rate_steps": (4_000, 4_000),
    "objective.temperature_start": (1.0, 1.0),
    "objective.temperature_end": (0.5, 0.5),
    "objective.temperature_steps": (20_000, 20_000),
    "objective.temperature_hold_steps": (1_000, 1_000),
    "objective.where_start": (1.0, 10.0),
    "objective.where_steps": (0, 500),
    "objective.background_start": (None, 50.0),
    "objective.background_steps": (None, 50_000),
    "objective.opaque_steps": (None, 500),
    "objective.hold_steps": (None, 0),
    "training.optimizer": ("rmsprop", "rmsprop"),
    "training.learning_rate": (1e-4, 1e-4),
    "training.clip_norm": (1.0, 1.0),
    "training.batch_size": (32, 32),
    "training.num_steps": (1_125_000, 1_125_000),
}
"""Of scenes of digits, and of solids; `None` has no effect."""


@pytest.mark.parametrize(("row", "name"), enumerate(("mnist_4", "arrow_like")))
def test_gnm_paper_has_the_published_settings(row, name):
    config = presets.get("gnm_paper", name)
    values, effective = text.flatten(config), text.with_effect(config)
    for path, published in _PUBLISHED.items():
        expected = published[row]
        if expected is None:
            assert path not in effective
        else:
            assert values[path] == expected


def test_schedules_of_gnm_are_shorter_than_those_of_the_paper():
    ours, paper = (
        presets.get(name, "mnist").objective for name in ("gnm", "gnm_paper")
    )
    for name in ("beta_steps", "temperature_steps", "rate_steps"):
        assert getattr(ours, name) < getattr(paper, name)
    assert (paper.what_start, paper.what_steps) == (1.0, 0)
