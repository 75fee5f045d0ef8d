import dataclasses
import json

import pytest

from tfdood.settings import architectures, objectives, presets, schema, text

_DEFAULTS = schema.Config(
    "any", architectures.Dood(), objectives.PresenceObjective()
)
_DOOD = '"model": {"name": "dood"}'


def _dood(model="", objective="", training=""):
    """JSON of a configuration with these settings."""
    model = '"name": "dood"' + (f", {model}" if model else "")
    return (
        f'{{"preset": "a", "model": {{{model}}}, '
        f'"objective": {{{objective}}}, "training": {{{training}}}}}'
    )


def _answer(call, *arguments) -> str:
    with pytest.raises(ValueError) as error:
        call(*arguments)
    return str(error.value)


def test_json_round_trip_is_exact():
    config = text.override(
        _DEFAULTS,
        [
            "model.num_strokes=4",
            "model.likelihood=normal",
            "training.learning_rate=0.3333333333333333",
            "training.seed=7",
        ],
    )
    assert config.training.learning_rate == 1 / 3
    assert text.from_json(text.to_json(config)) == config


@pytest.mark.parametrize("name", schema.FAMILIES)
def test_json_settings_left_out_keep_the_defaults_of_their_family(name):
    family = schema.FAMILIES[name]
    config = text.from_json(
        json.dumps({"preset": "a", "model": {"name": name, "image_size": 30}})
    )
    assert config.model == family.model(image_size=30)
    assert config.objective == family.objective()
    assert config.training == schema.Training()


def test_json_whole_number_becomes_a_float_where_one_is_declared():
    config = text.from_json(_dood(objective='"beta": 5'))
    assert type(config.objective.beta) is float


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{"preset": "dood"', "not JSON"),
        ("[1]", "must be a JSON object, got [1]"),
        ("{}", "has the model None"),
        (f"{{{_DOOD}}}", "'preset' is missing"),
        (f'{{"preset": 3, {_DOOD}}}', "'preset' is missing"),
        ('{"preset": "a", "model": 4}', "has the model None"),
        (f'{{"preset": "a", "modle": 1, {_DOOD}}}', "Did you mean 'model'"),
        (
            f'{{"preset": "a", "objective": 4, {_DOOD}}}',
            "objective must be a JSON object, got 4",
        ),
        (_dood('"num_stroke": 4'), "Did you mean 'model.num_strokes'"),
        (_dood('"num_strokes": 4.0'), "type int, got 4.0"),
        (_dood('"num_strokes": true'), "type int, got True"),
        (_dood('"num_strokes": 0'), "in [1, 100], got 0"),
        (_dood(objective='"beta": NaN'), "beta must be finite, got nan"),
        (_dood(training='"jit_compile": 1'), "type bool, got 1"),
        (_dood('"name": 3'), "has the model 3"),
    ],
)
def test_json_errors_name_the_setting(written, message):
    assert message in _answer(text.from_json, written)


@pytest.mark.parametrize("model", ["doodle", "Dood", ["dood"], {}])
def test_error_of_unknown_family_lists_known_families(model):
    written = json.dumps({"preset": "a", "model": {"name": model}})
    answer = _answer(text.from_json, written)
    assert f"has the model {model!r}" in answer
    assert ", ".join(schema.FAMILIES) in answer


_OLD = {
    "preset": "dood",
    "model": {"name": "dood", "decoder": "spline", "num_strokes": 6},
    "objective": {"exploration": 0.2, "decay": 0.8},
    "training": {"dataset": "mnist", "scale_hold": 0.2},
}


@pytest.mark.parametrize("group", ["model", "objective", "training"])
def test_configuration_of_version_0_1_is_refused_in_one_sentence(group):
    """Each group has settings that this version does not know."""
    answer = _answer(
        text.from_json,
        json.dumps(
            {"preset": "dood", "model": {"name": "dood"}, group: _OLD[group]}
        ),
    )
    assert "version 0.1" in answer
    assert "train or export again" in answer
    assert "\n" not in answer


def test_override_parses_by_the_type_of_the_setting():
    config = text.override(
        _DEFAULTS,
        [
            "model.num_strokes=3",
            "objective.beta = 5",
            "model.encoder=paper",
            "training.jit_compile=True",
            "model.num_strokes=4",
        ],
    )
    assert config.model.num_strokes == 4
    assert config.objective.beta == 5.0
    assert type(config.objective.beta) is float
    assert config.model.encoder == "paper"
    assert config.training.jit_compile is True
    assert config.preset == _DEFAULTS.preset


@pytest.mark.parametrize(
    ("assignment", "messages"),
    [
        ("model.num_strokes", ["path=value", "'model.num_strokes'"]),
        ("model.num_stroke=4", ["Did you mean 'model.num_strokes'", "width"]),
        ("objective.explore=0", ["Unknown setting", "objective.collages"]),
        ("strokes=4", ["Unknown setting 'strokes'", "preset"]),
        ("model=4", ["Unknown setting 'model'"]),
        ("model.num_strokes=four", ["type int", "'four'"]),
        ("training.jit_compile=maybe", ["type bool", "'maybe'"]),
        ("model.num_strokes=-1", ["in [1, 100]", "got -1"]),
        ("objective.beta=0", ["in (0, inf]", "got 0.0"]),
        ("objective.beta=nan", ["finite"]),
        ("training.learning_rate=inf", ["finite"]),
        ("model.encoder=big", ["one of patches, paper", "'big'"]),
        ("model.name=vae", ["one of dood", "'vae'"]),
    ],
)
def test_override_errors_have_given_and_expected_values(assignment, messages):
    answer = _answer(text.override, _DEFAULTS, [assignment])
    for message in messages:
        assert message in answer


@pytest.mark.parametrize(
    ("setting", "largest"),
    [("training.seed", 2**31 - 1), ("model.image_size", 1024)],
)
def test_largest_value_is_accepted_and_larger_ones_are_refused(
    setting, largest
):
    text.override(_DEFAULTS, [f"{setting}={largest}"])
    answer = _answer(text.override, _DEFAULTS, [f"{setting}={largest + 1}"])
    assert f", {largest}], got {largest + 1}" in answer


@pytest.mark.parametrize(
    ("preset", "assignment", "condition"),
    [
        (
            "dood",
            "objective.nvil_decay=0.5",
            "objective.presence_gradient=nvil",
        ),
        (
            "dood",
            "objective.baseline_learning_rate=0.5",
            "objective.presence_gradient=nvil",
        ),
        ("dood", "model.encoder_dropout=0.1", "model.encoder=paper"),
        (
            "dood",
            "objective.pixel_scale_learning_rate=0.5",
            "model.pixel_scale=learned",
        ),
        (
            "dood_paper",
            "objective.collages=0.1",
            "objective.presence_gradient=exact",
        ),
    ],
)
def test_a_setting_without_effect_is_refused_and_says_what_to_set(
    preset, assignment, condition
):
    config = presets.get(preset, "mnist")
    path, _, value = assignment.partition("=")
    answer = _answer(text.override, config, [assignment])
    assert f"{path}={value} has no effect with" in answer
    assert f"; set {condition}, or set {path}=" in answer
    # With the condition, in either order, it is accepted.
    rest = ["objective.collages=0"] if "nvil" in condition else []
    for order in (
        [condition, *rest, assignment],
        [assignment, *rest, condition],
    ):
        assert text.flatten(text.override(config, order))[path] == float(value)


def test_condition_on_a_setting_of_another_family_holds():
    """The VAE has collages, and no gradient of the presence."""
    config = schema.Config(
        "any", architectures.Vae(), objectives.PixelObjective()
    )
    changed = text.override(config, ["objective.collages=0.3"])
    assert changed.objective.collages == 0.3


def test_flatten_names_every_setting_once():
    flat = text.flatten(_DEFAULTS)
    nested = json.loads(text.to_json(_DEFAULTS))
    groups = {k: v for k, v in nested.items() if isinstance(v, dict)}
    assert flat == {"preset": "any"} | {
        f"{group}.{name}": value
        for group, values in groups.items()
        for name, value in values.items()
    }


def test_check_checks_only_one_group():
    broken = dataclasses.replace(architectures.Dood(), width=0)
    answer = _answer(text.check, broken, "model")
    assert answer == "model.width must be in [1, 8192], got 0."
