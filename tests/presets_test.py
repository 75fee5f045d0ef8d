import pytest

from tfdood import config as config_lib
from tfdood import presets


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dataset", ["mnist", "omniglot"])
def test_presets_are_valid_and_name_themselves(name, dataset):
    config = config_lib.validate(presets.get(name, dataset))
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
    assert presets.get("dood", "mnist").model.presence_bias == 1.0


def test_dood_starts_sketches_with_nearly_all_strokes_present():
    assert presets.get("dood", "quickdraw").model.presence_bias == 3.0
    assert presets.get("dood", "quickdraw").objective.beta == 4.0


@pytest.mark.parametrize("dataset", ["mnist", "quickdraw", "omniglot"])
@pytest.mark.parametrize("name", presets.ABLATIONS)
def test_an_ablation_is_dood_but_for_one_setting(name, dataset):
    ablation = config_lib.flatten(presets.get(name, dataset))
    dood = config_lib.flatten(presets.get("dood", dataset))
    changed = {k: v for k, v in ablation.items() if v != dood[k]}
    assert changed.pop("preset") == name
    ((setting, value),) = presets.ABLATIONS[name].items()
    assert changed == {f"model.{setting}": value}


def test_unknown_preset_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'doood'.*dood, dood_paper"):
        presets.get("doood", "mnist")
