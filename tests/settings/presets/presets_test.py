"""What all presets have in common."""

import pytest

from tfdood import data
from tfdood.objectives import schedules
from tfdood.settings import presets, scenes, schema, text

_DATASETS = (*data.NAMES, data.UNION, "folder:/my drawings/a=b, c ")


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dataset", _DATASETS)
def test_every_preset_is_valid_and_round_trips_on_every_dataset(name, dataset):
    config = presets.get(name, dataset)
    assert text.validate(config) is config
    assert config.preset == name
    assert config.training.dataset == dataset
    assert text.from_json(text.to_json(config)) == config


@pytest.mark.parametrize("name", presets.PRESETS)
def test_settings_belong_to_the_family_of_their_name(name):
    config = presets.PRESETS[name]
    family = schema.FAMILIES[config.model.name]
    assert (type(config.model), type(config.objective)) == tuple(family)


@pytest.mark.parametrize("name", presets.PRESETS)
@pytest.mark.parametrize("dataset", _DATASETS)
def test_runs_are_longer_than_their_schedules(name, dataset):
    config = presets.get(name, dataset)
    values = text.flatten(config)
    ends = [
        values.get("objective.scale_hold_steps", 0)
        + values.get("objective.scale_anneal_steps", 0),
        config.training.warmup_steps,
        *(
            value
            for path, value in values.items()
            if path.startswith("objective.") and path.endswith("_steps")
        ),
    ]
    assert max(ends) < config.training.num_steps


@pytest.mark.parametrize("name", presets.PRESETS)
def test_own_drawings_have_the_settings_of_sketches(name):
    own, sketches = (
        presets.get(name, dataset) for dataset in ("folder:any", "quickdraw")
    )
    assert (own.model, own.objective) == (sketches.model, sketches.objective)


def test_error_of_unknown_preset_lists_known_presets():
    with pytest.raises(ValueError, match="'doood'.*dood, dood_paper"):
        presets.get("doood", "mnist")


@pytest.mark.parametrize("dataset", ["omniglot", "arrow_like"])
@pytest.mark.parametrize("name", presets.PRESETS)
def test_warm_start_switches_off_schedules_of_the_start(name, dataset):
    config = presets.get(name, dataset)
    started = text.override(config, presets.warm_start(config))
    objective, model = started.objective, started.model
    assert getattr(objective, "smoothing", 0.0) == 0.0
    if getattr(model, "pixel_scale", "") == "running":
        floor = model.pixel_scale_floor
        bound = float(schedules.scale_bound(objective, floor, 1))
        assert bound == pytest.approx(floor)
    assert getattr(objective, "presence_warmup_steps", 0) == 0
    if isinstance(objective, scenes.SceneObjective):
        steps = text.flatten(started).items()
        assert not any(
            n.startswith("objective.") and n.endswith("_steps") and count
            for n, count in steps
        )
    assert started.model == config.model
    assert started.training == config.training
