import json
import math

import pytest

from tfdood.settings import bounds as ranges
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib


def _changed() -> config_lib.Config:
    return config_lib.Config(
        preset="dood",
        model=config_lib.ModelConfig(num_strokes=4, likelihood="normal"),
        training=config_lib.TrainingConfig(learning_rate=1 / 3, seed=7),
    )


def test_json_round_trip_is_exact():
    config = _changed()
    assert settings_lib.from_json(settings_lib.to_json(config)) == config


def test_json_settings_left_out_keep_their_defaults():
    text = '{"preset": "dood", "model": {"num_strokes": 3}}'
    config = settings_lib.from_json(text)
    assert config.model == config_lib.ModelConfig(num_strokes=3)
    assert config.training == config_lib.TrainingConfig()


def test_json_whole_number_is_a_float_where_one_is_due():
    config = settings_lib.from_json('{"preset": "a", "objective": {"beta": 5}}')
    assert type(config.objective.beta) is float


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"preset": "dood"', "not JSON"),
        ("[1]", "must be of type Config"),
        ("{}", "'preset' is missing"),
        ('{"preset": "a", "model": {"num_stroke": 4}}', "'model.num_strokes'"),
        ('{"preset": "a", "model": 4}', "model must be of type ModelConfig"),
        ('{"preset": "a", "model": {"num_strokes": 4.0}}', "type int, got 4.0"),
        ('{"preset": "a", "model": {"num_strokes": true}}', "type int"),
        ('{"preset": "a", "model": {"num_strokes": 0}}', "in [1, 100], got 0"),
        ('{"preset": "a", "objective": {"beta": NaN}}', "finite"),
        ('{"preset": 3}', "preset must be of type str, got 3"),
    ],
)
def test_json_errors_name_the_setting(text, message):
    with pytest.raises(ValueError) as error:
        settings_lib.from_json(text)
    assert message in str(error.value)


def test_override_takes_the_type_of_the_setting():
    config = settings_lib.override(
        config_lib.Config(preset="dood"),
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
    assert config.preset == "dood"


@pytest.mark.parametrize(
    ("assignment", "messages"),
    [
        ("model.num_strokes", ["path=value", "'model.num_strokes'"]),
        ("model.num_stroke=4", ["Did you mean 'model.num_strokes'", "width"]),
        ("strokes=4", ["Unknown setting 'strokes'", "preset"]),
        ("model=4", ["Unknown setting 'model'"]),
        ("model.num_strokes=four", ["type int", "'four'"]),
        ("training.jit_compile=maybe", ["type bool", "'maybe'"]),
        ("model.num_strokes=-1", ["in [1, 100]", "got -1"]),
        ("objective.beta=0", ["in (0, inf]", "got 0.0"]),
        ("objective.beta=nan", ["finite"]),
        ("training.learning_rate=inf", ["finite"]),
        ("model.encoder=big", ["one of compact, paper", "'big'"]),
    ],
)
def test_override_errors_say_what_was_got_and_expected(assignment, messages):
    with pytest.raises(ValueError) as error:
        settings_lib.override(config_lib.Config(preset="dood"), [assignment])
    for message in messages:
        assert message in str(error.value)


def test_defaults_are_valid_and_flatten_names_every_setting():
    config = config_lib.Config(preset="dood")
    assert settings_lib.validate(config) is config
    settings = settings_lib.flatten(config)
    assert settings["model.num_strokes"] == config.model.num_strokes
    nested = json.loads(settings_lib.to_json(config))
    groups = [value for value in nested.values() if isinstance(value, dict)]
    assert len(settings) == 1 + sum(map(len, groups))


def test_ranges_name_settings_that_exist():
    settings = settings_lib.flatten(config_lib.Config(preset="dood"))
    assert set(ranges.ALLOWED) <= set(settings)


def test_interval_ends():
    assert 0 in ranges.Interval(0, 1) and 1 in ranges.Interval(0, 1)
    assert 0 not in ranges.Interval(0, is_open=True)
    assert 1e-9 in ranges.Interval(0, is_open=True)
    assert math.nan not in ranges.Interval(0)
