"""What every declaration of a setting promises."""

import dataclasses

import pytest

from tfdood.settings import bounds, schema, text

_CONFIGS = [
    schema.Config("any", family.model(), family.objective())
    for family in schema.FAMILIES.values()
]
_KINDS = sorted(
    {kind for family in schema.FAMILIES.values() for kind in family}
    | {schema.Training},
    key=lambda kind: kind.__name__,
)


def _fields():
    return [
        pytest.param(field, id=f"{kind.__name__}.{field.name}")
        for kind in _KINDS
        for field in dataclasses.fields(kind)
    ]


def test_configurations_cannot_be_changed_in_place():
    for kind in (*_KINDS, lambda: _CONFIGS[0]):
        settings = kind()
        (first, *_) = dataclasses.fields(settings)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(settings, first.name, None)


@pytest.mark.parametrize(
    "config", _CONFIGS, ids=[config.model.name for config in _CONFIGS]
)
def test_defaults_of_every_family_are_valid(config):
    assert text.validate(config) is config


@pytest.mark.parametrize("name", schema.FAMILIES)
def test_name_of_a_family_is_the_only_choice_of_its_setting_name(name):
    kind = schema.FAMILIES[name].model
    assert kind().name == name
    (field,) = (f for f in dataclasses.fields(kind) if f.name == "name")
    assert tuple(field.metadata["allowed"]) == (name,)


@pytest.mark.parametrize("field", _fields())
def test_every_setting_has_a_description_and_every_number_a_bound(field):
    assert field.metadata["about"].endswith(".")
    # Of an offset of logits, every finite number is allowed.
    is_logit = field.name.endswith("_bias")
    is_number = field.type in (int, float)
    has_bound = isinstance(field.metadata["allowed"], bounds.Interval)
    assert has_bound == (is_number and not is_logit)


@pytest.mark.parametrize(
    "config", _CONFIGS, ids=[config.model.name for config in _CONFIGS]
)
def test_conditions_name_a_setting_and_one_of_its_choices(config):
    values = text.flatten(config)
    declared = {
        f"{group}.{field.name}": field
        for group in ("model", "objective", "training")
        for field in dataclasses.fields(getattr(config, group))
    }
    for path, field in declared.items():
        other, _, wanted = field.metadata["only_if"].partition("=")
        # A family without the other setting always has this one.
        if other in values:
            allowed = declared[other].metadata["allowed"]
            assert set(wanted.split("|")) <= set(allowed), path


@pytest.mark.parametrize(
    ("start_from", "expected"),
    [("", "the sample"), ("runs/a", "the sample, starting from runs/a")],
)
def test_learnt_from_names_data_and_start(start_from, expected):
    training = schema.Training(source="the sample", start_from=start_from)
    assert training.learnt_from == expected
