"""Declares the settings that are fields of dataclasses."""

import dataclasses
from typing import Any

from tfdood.settings.bounds import Bound


def setting(
    default: Any,
    about: str,
    allowed: Bound | None = None,
    *,
    only_if: str = "",
    may_differ: bool = False,
) -> Any:
    """Declares a setting of a dataclass.

    Args:
        default: the default value.
        about: the meaning of the setting, in one sentence.
        allowed: the allowed values; by default all values of its type.
        only_if: a condition `path=value` or `path=value|value` on another
            setting. If the condition does not hold, this setting has no effect
            and must have its default value.
        may_differ: whether trained weights keep their meaning if this setting
            changes. A run may then start from weights that were trained with
            another value.

    Returns:
        A field of the dataclass.
    """
    metadata = {
        "about": about,
        "allowed": allowed,
        "only_if": only_if,
        "may_differ": may_differ,
    }
    return dataclasses.field(default=default, metadata=metadata)
