import pytest

from tfdood.settings import presets
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

# App. B and C.1; of the model, all that it goes by.
_PUBLISHED = {
    "model.name": "dood",
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
    "model.pixel_scale_floor": 0.01,
    "model.prior": "sequential",
    "model.execution_guided": True,
    "model.decoder": "spline",
    "model.stroke_frame": "canvas",
    "objective.presence_gradient": "nvil",
    "objective.num_particles": 1,
    "objective.beta": 4.0,
    "objective.decay": 0.8,
    "objective.signal_scale_floor": 0.0,
    "objective.presence_warmup_steps": 0,
    "objective.exploration": 0.0,
    "training.num_steps": 500_000,
    "training.batch_size": 64,
    "training.learning_rate": 1e-4,
    "training.pixel_scale_learning_rate": 1e-4,
    "training.baseline_learning_rate": 1e-3,
    "training.warmup_steps": 0,
    "training.decay_steps": 0,
    "training.clip_norm": 0.0,
    "training.smoothing": 0.0,
}


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dataset", ["mnist", "omniglot"])
def test_presets_are_valid_and_name_themselves(name, dataset):
    config = settings_lib.validate(presets.get(name, dataset))
    assert config.preset == name
    assert config.training.dataset == dataset


def test_dood_is_the_defaults():
    assert presets.PRESETS["dood"] == config_lib.Config(preset="dood")


def test_paper_preset_has_the_published_values():
    given = settings_lib.flatten(presets.get("dood_paper", "mnist"))
    assert given | _PUBLISHED == given


def test_paper_preset_starts_omniglot_with_all_strokes_present():
    assert presets.get("dood_paper", "omniglot").model.presence_bias == 10.0
    assert presets.get("dood_paper", "kmnist").model.presence_bias == 2.0
    assert presets.get("dood", "mnist").model.presence_bias == 3.0


@pytest.mark.parametrize("dataset", ["kmnist", "quickdraw"])
def test_crowded_drawings_stay_coarse_for_longer(dataset):
    digits, crowded = (
        presets.get("dood", name).training for name in ("mnist", dataset)
    )
    assert crowded.scale_hold_steps > digits.scale_hold_steps
    assert crowded.scale_anneal_steps > digits.scale_anneal_steps


@pytest.mark.parametrize("dataset", ["emnist", "kmnist", "omniglot"])
def test_no_stroke_of_a_character_goes_before_lines_sharpen(dataset):
    config = presets.get("dood", dataset)
    settled = config.objective.presence_warmup_steps
    assert settled >= config.training.scale_hold_steps
    assert config.model.presence_bias == 5.0


def test_strokes_of_omniglot_are_cheaper():
    prices = [
        presets.get("dood", name).objective.beta
        for name in ("omniglot", "mnist")
    ]
    assert prices == [2.0, 4.0]


@pytest.mark.parametrize("dataset", ["mnist", "quickdraw", "omniglot"])
@pytest.mark.parametrize("name", presets.ABLATIONS)
def test_an_ablation_is_dood_but_for_what_it_takes_away(name, dataset):
    ablation = settings_lib.flatten(presets.get(name, dataset))
    dood = settings_lib.flatten(presets.get("dood", dataset))
    changed = {k: v for k, v in ablation.items() if v != dood[k]}
    assert changed.pop("preset") == name
    taken = presets.ABLATIONS[name].items()
    assert changed == {f"model.{k}": v for k, v in taken}


def test_unknown_preset_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'doood'.*dood, dood_paper"):
        presets.get("doood", "mnist")
