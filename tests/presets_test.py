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
    assert config.model == config_lib.ModelConfig(
        name="dood",
        image_size=50,
        glimpse_size=50,
        num_strokes=6,
        num_control_points=5,
        num_curve_points=100,
        encoder="paper",
        encoder_dropout=0.5,
        width=256,
        num_mixtures=40,
        presence_bias=2.0,
        stroke_std_bias=0.0,
        blur_bias=-2.0,
        stroke_contrast_bias=2.0,
        canvas_contrast_bias=-1.0,
        likelihood="laplace",
        pixel_scale="learned",
        pixel_scale_floor=0.01,
        prior="sequential",
        execution_guided=True,
        decoder="spline",
        stroke_frame="canvas",
    )
    objective = config.objective
    assert objective.presence_gradient == "nvil"
    assert (objective.num_particles, objective.beta) == (1, 4.0)
    assert objective.decay == 0.8
    assert objective.signal_scale_floor == objective.presence_warmup_steps == 0
    training = config.training
    assert (training.num_steps, training.batch_size) == (500_000, 64)
    assert training.learning_rate == training.pixel_scale_learning_rate == 1e-4
    assert training.baseline_learning_rate == 1e-3
    assert training.warmup_steps == training.decay_steps == 0
    assert training.clip_norm == training.smoothing == 0.0


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
