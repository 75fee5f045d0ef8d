"""The settings of a configuration: by name, from strings, in and out of JSON.

A run folder's `config.json` is `to_json(config)` and is all that resuming,
exporting and evaluating need to rebuild the model.
"""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from tfdood.settings import bounds as ranges
from tfdood.settings.schema import Config

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def flatten(config: Config) -> dict[str, Any]:
    """The settings of a configuration by dotted path.

    Args:
        config: a configuration.

    Returns:
        A dictionary such as `{"preset": "dood", "model.num_strokes": 6, ...}`.
    """
    return dict(_leaves(dataclasses.asdict(config), ""))


def validate(config: Config) -> Config:
    """Checks that every setting has a value that makes sense.

    Args:
        config: a configuration.

    Returns:
        The same configuration.

    Raises:
        ValueError: If a number is not finite or out of its range, or a choice
            is not a known one.
    """
    ranges.check(flatten(config))
    return config


def override(config: Config, assignments: Sequence[str]) -> Config:
    """Replaces settings, as the flag `--set=model.num_strokes=4` does.

    Args:
        config: a configuration.
        assignments: strings `path=value`; later ones win.

    Returns:
        The new, validated configuration.

    Raises:
        ValueError: If a path is unknown, or a value has the wrong type or is
            out of range.
    """
    for assignment in assignments:
        path, equals, text = (
            part.strip() for part in assignment.partition("=")
        )
        if not equals:
            raise ValueError(
                "A setting is written path=value, for example "
                f"model.num_strokes=4; got {assignment!r}."
            )
        settings = flatten(config)
        if path not in settings:
            raise _unknown(path, settings)
        value = _parse(path, text, type(settings[path]))
        config = _replace(config, path, value)
    return validate(config)


def to_json(config: Config) -> str:
    """Writes a configuration as JSON.

    Args:
        config: a configuration.

    Returns:
        Indented JSON that `from_json` reads back to an equal configuration.
    """
    return json.dumps(dataclasses.asdict(config), indent=2) + "\n"


def from_json(text: str) -> Config:
    """Reads a configuration from JSON; settings left out keep their defaults.

    Args:
        text: JSON as `to_json` writes it.

    Returns:
        The validated configuration.

    Raises:
        ValueError: If the text is not JSON, names an unknown setting, or holds
            a value of the wrong type or out of range.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"The configuration is not JSON: {error}.") from error
    return validate(_build(Config, values, ""))


def _leaves(values: dict[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _build(kind: type, value: Any, path: str) -> Any:
    """Turns parsed JSON into a value of the given type, checking both."""
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        prefix = f"{path}." if path else ""
        fields = {field.name: field for field in dataclasses.fields(kind)}
        for name in value:
            if name not in fields:
                raise _unknown(prefix + name, [prefix + f for f in fields])
        for name, field in fields.items():
            if field.default is dataclasses.MISSING and name not in value:
                raise ValueError(f"The setting {prefix + name!r} is missing.")
        return kind(
            **{
                name: _build(fields[name].type, item, prefix + name)
                for name, item in value.items()
            }
        )
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(
            f"{path or 'The configuration'} must be of type {kind.__name__}, "
            f"got {value!r}."
        )
    return value


def _replace(node: Any, path: str, value: Any) -> Any:
    name, dot, rest = path.partition(".")
    if dot:
        value = _replace(getattr(node, name), rest, value)
    return dataclasses.replace(node, **{name: value})


def _parse(path: str, text: str, kind: type) -> Any:
    try:
        return _BOOLEANS[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise ValueError(
            f"{path} must be of type {kind.__name__}, got {text!r}."
        ) from None


def _unknown(path: str, known: Iterable[str]) -> ValueError:
    group = path.rpartition(".")[0]
    near = [name for name in known if name.rpartition(".")[0] == group]
    closest = difflib.get_close_matches(path, list(known), n=1)
    hint = f" Did you mean {closest[0]!r}?" if closest else ""
    return ValueError(
        f"Unknown setting {path!r}.{hint} Known: {', '.join(near or known)}."
    )
