"""DooD as published, ours, and its ablations."""

import pytest

from tfdood import data
from tfdood.settings import presets, text

# What the paper says in App. B.3 (networks) and C.1 (training), and where it
# is silent, what its authors' code has.
_PUBLISHED = {
    "model.image_size": 50,
    "model.glimpse_size": 50,
    "model.num_strokes": 6,
    "model.num_control_points": 5,
    "model.num_curve_points": 100,
    "model.encoder": "paper",
    "model.encoder_dropout": 0.5,
    "model.width": 256,
    "model.num_mixtures": 40,
    "model.presence_bias": 2.0,
    "model.stroke_std_bias": 0.0,
    "model.blur_bias": -2.0,
    "model.stroke_contrast_bias": 2.0,
    "model.canvas_contrast_bias": -1.0,
    "model.likelihood": "laplace",
    "model.pixel_scale": "learned",
    "model.prior": "sequential",
    "model.execution_guided": True,
    "model.stroke_frame": "canvas",
    "model.token": "code",
    "objective.presence_gradient": "nvil",
    "objective.num_particles": 1,
    "objective.beta": 4.0,
    "objective.nvil_decay": 0.8,
    "objective.presence_learning_rate": 0.0,
    "objective.pixel_scale_learning_rate": 1e-4,
    "objective.baseline_learning_rate": 1e-3,
    "training.num_steps": 500_000,
    "training.batch_size": 64,
    "training.learning_rate": 1e-4,
}
_NOT_IN_THE_PAPER = (
    "objective.collages",
    "objective.signal_scale_floor",
    "objective.presence_warmup_steps",
    "objective.smoothing",
    "training.warmup_steps",
    "training.decay_steps",
    "training.clip_norm",
)
_TAKEN_AWAY = {
    "dood_sp": {"model.prior"},
    "dood_eg": {"model.execution_guided"},
    "dood_dr": {"model.name"},
    "dood_glimpse": {"model.stroke_frame", "model.min_blur"},
}


def _differing(ours, others):
    """The settings of both that differ, without the name of the preset."""
    ours, others = text.flatten(ours), text.flatten(others)
    common = (ours.keys() & others.keys()) - {"preset"}
    return {path for path in common if ours[path] != others[path]}


@pytest.mark.parametrize("dataset", data.NAMES)
def test_paper_preset_has_the_published_values(dataset):
    given = text.flatten(presets.get("dood_paper", dataset))
    expected = dict(_PUBLISHED)
    if dataset == "omniglot":  # C.1: "a high value (e.g. 8)"
        assert given["model.presence_bias"] >= 8.0
        del expected["model.presence_bias"]
    assert {path: given[path] for path in expected} == expected
    assert not any(given[path] for path in _NOT_IN_THE_PAPER)


@pytest.mark.parametrize("dataset", data.NAMES)
@pytest.mark.parametrize("name", _TAKEN_AWAY)
def test_ablation_differs_from_dood_only_in_its_own_settings(name, dataset):
    ablation, dood = (presets.get(n, dataset) for n in (name, "dood"))
    assert _differing(ablation, dood) == _TAKEN_AWAY[name]
    assert ablation.objective == dood.objective
    assert ablation.training == dood.training


def test_every_other_preset_of_dood_is_an_ablation():
    of_dood = {name for name in presets.PRESETS if name.startswith("dood")}
    assert of_dood == {"dood", "dood_paper", *_TAKEN_AWAY}


@pytest.mark.parametrize("name", ["dood", *_TAKEN_AWAY])
def test_union_has_more_strokes_and_equal_shares(name):
    config = presets.get(name, "all")
    assert config.training.balanced
    preset = presets.PRESETS[name]
    assert config.model.num_strokes > preset.model.num_strokes


@pytest.mark.parametrize("dataset", data.NAMES)
def test_datasets_share_all_settings_but_few(dataset):
    own, digits = (presets.get("dood", name) for name in (dataset, "mnist"))
    differing = _differing(own, digits) - {"training.dataset"}
    steady = {"objective.scale_anneal_steps", "training.learning_rate"}
    expected = {
        "emnist": steady,
        "omniglot": {*steady, "objective.smoothing"},
    }
    assert differing - {"objective.beta"} == expected.get(dataset, set())
    assert own.objective.beta <= digits.objective.beta


@pytest.mark.parametrize("dataset", ["emnist", "omniglot"])
def test_the_scale_becomes_sharp_as_the_rate_falls(dataset):
    config = presets.get("dood", dataset)
    objective, training = config.objective, config.training
    crisp = objective.scale_hold_steps + objective.scale_anneal_steps
    falls_from = training.num_steps - training.decay_steps
    assert falls_from < crisp < training.num_steps


def test_number_of_strokes_is_learned_while_the_scale_is_held():
    """All strokes learn first; lines become sharp after that."""
    objective = presets.PRESETS["dood"].objective
    assert objective.presence_warmup_steps <= objective.scale_hold_steps
