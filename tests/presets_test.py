import pytest

from tfdood import config as config_lib
from tfdood import presets
from tfdood import settings as settings_lib


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dataset", ["mnist", "omniglot"])
def test_presets_are_valid_and_name_themselves(name, dataset):
    config = settings_lib.validate(presets.get(name, dataset))
    assert config.preset == name
    assert config.training.dataset == dataset


def test_dood_is_the_defaults():
    assert presets.PRESETS["dood"] == config_lib.Config(preset="dood")


def test_paper_preset_has_the_published_values():
    config = presets.get("dood_paper", "mnist")
    assert config.model.encoder == "paper"
    assert config.model.pixel_scale == "learned"
    assert config.model.presence_bias == 2.0
    assert config.model.glimpse_size == config.model.image_size == 50
    assert config.objective.beta == 4.0
    assert config.objective.presence_gradient == "nvil"
    assert config.training.learning_rate == 1e-4
    assert config.training.baseline_learning_rate == 1e-3
    assert config.training.num_steps == 500_000
    assert config.training.clip_norm == 0.0


def test_paper_preset_starts_omniglot_with_all_strokes_present():
    assert presets.get("dood_paper", "omniglot").model.presence_bias == 10.0
    assert presets.get("dood_paper", "kmnist").model.presence_bias == 2.0
    assert presets.get("dood", "mnist").model.presence_bias == 3.0


def test_sketches_stay_coarse_for_longer():
    digits, sketches = (
        presets.get("dood", name).training for name in ("mnist", "quickdraw")
    )
    assert sketches.scale_hold_steps > digits.scale_hold_steps
    assert sketches.scale_anneal_steps > digits.scale_anneal_steps


def test_strokes_of_omniglot_are_cheaper():
    prices = [
        presets.get("dood", name).objective.beta
        for name in ("omniglot", "mnist")
    ]
    assert prices == [2.0, 4.0]


@pytest.mark.parametrize("dataset", ["mnist", "quickdraw", "omniglot"])
@pytest.mark.parametrize("name", presets.ABLATIONS)
def test_an_ablation_is_dood_but_for_one_setting(name, dataset):
    ablation = settings_lib.flatten(presets.get(name, dataset))
    dood = settings_lib.flatten(presets.get("dood", dataset))
    changed = {k: v for k, v in ablation.items() if v != dood[k]}
    assert changed.pop("preset") == name
    ((setting, value),) = presets.ABLATIONS[name].items()
    assert changed == {f"model.{setting}": value}


def test_unknown_preset_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'doood'.*dood, dood_paper"):
        presets.get("doood", "mnist")
