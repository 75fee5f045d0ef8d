"""Settings that are fields of dataclasses."""

import dataclasses

from tfdood.settings import bounds, fields


@dataclasses.dataclass(frozen=True)
class _Settings:
    size: int = fields.setting(3, "The size.", bounds.Interval(1))
    name: str = fields.setting(
        "a", "The name.", only_if="model.size=3", may_differ=True
    )


def test_a_setting_is_a_field_with_its_default():
    assert _Settings() == _Settings(3, "a")
    assert dataclasses.replace(_Settings(), size=5).size == 5


def test_a_field_carries_what_is_declared_once():
    size, name = dataclasses.fields(_Settings)
    assert size.metadata["about"] == "The size."
    assert size.metadata["allowed"] == bounds.Interval(1)
    assert (size.metadata["only_if"], size.metadata["may_differ"]) == (
        *("", False),
    )
    assert name.metadata["allowed"] is None
    assert name.metadata["only_if"] == "model.size=3"
    assert name.metadata["may_differ"]
