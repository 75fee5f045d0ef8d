"""Settings as text: reads and writes JSON, and changes settings by name.

The file `config.json` of a run folder holds `to_json(config)`. Resuming,
exporting and evaluating rebuild the model from this file alone.
"""

import dataclasses
import difflib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tfdood.settings import schema
from tfdood.settings.schema import Config

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_GROUPS = ("model", "objective", "training")
_OLD_FILES = (
    "Configurations of version 0.1 cannot be read: train or export again."
)


def flatten(config: Config) -> dict[str, Any]:
    """Lists the settings of a configuration by dotted path.

    Args:
        config: a configuration.

    Returns:
        A dictionary such as `{"preset": "dood", "model.num_strokes": 6, ...}`.
    """
    values = {"preset": config.preset}
    for group in _GROUPS:
        settings = dataclasses.asdict(getattr(config, group))
        values |= {f"{group}.{name}": v for name, v in settings.items()}
    return values


def validate(config: Config) -> Config:
    """Checks that every setting has an allowed value and an effect.

    Args:
        config: a configuration.

    Returns:
        The same configuration.

    Raises:
        ValueError: If a number is not finite or out of its range, if a choice
            is unknown, or if a setting without effect differs from its default.
    """
    for group in _GROUPS:
        check(getattr(config, group), group)
    values, effective = flatten(config), with_effect(config)
    for path, field in _fields(config):
        if path not in effective and values[path] != field.default:
            other, _, wanted = field.metadata["only_if"].partition("=")
            raise ValueError(
                f"{path}={values[path]} has no effect with {other}="
                f"{values[other]}; set {other}={wanted.replace('|', ' or ')}, "
                f"or set {path}={field.default}."
            )
    return config


def with_effect(config: Config) -> set[str]:
    """Lists the settings that have an effect in a configuration.

    Args:
        config: a configuration.

    Returns:
        Dotted paths, without those that other settings switch off.
    """
    values, paths = flatten(config), set()
    for path, field in _fields(config):
        other, _, wanted = field.metadata["only_if"].partition("=")
        if other not in values or str(values[other]) in wanted.split("|"):
            paths.add(path)
    return paths


def check(settings: Any, group: str) -> None:
    """Checks the values of one dataclass of settings.

    Args:
        settings: a dataclass of `schema`.
        group: its name in the configuration, for the error message.

    Raises:
        ValueError: If a number is not finite or out of its range, or a choice
            is unknown.
    """
    for field in dataclasses.fields(settings):
        path, value = f"{group}.{field.name}", getattr(settings, field.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{path} must be finite, got {value}.")
        allowed = field.metadata["allowed"]
        if allowed is not None and value not in allowed:
            raise ValueError(f"{path} must be {allowed}, got {value!r}.")


def override(config: Config, assignments: Sequence[str]) -> Config:
    """Replaces settings, as the flag `--set=model.num_strokes=4` does.

    Args:
        config: a configuration.
        assignments: strings `path=value`. If a path occurs more than once, the
            last value is used.

    Returns:
        The new, validated configuration.

    Raises:
        ValueError: If a path is unknown, if a value has the wrong type or is
            out of its range, or if a setting has no effect.
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


def check_flags(config: Config, paths: Iterable[str]) -> None:
    """Refuses flags of settings that a configuration does not have.

    Args:
        config: a configuration.
        paths: of the settings; a flag has the last part of the path as its
            name.

    Raises:
        ValueError: If there is such a flag.
    """
    for path in paths:
        if path not in flatten(config):
            name = path.rpartition(".")[2]
            raise ValueError(
                f"The preset {config.preset} has no setting {path}; leave "
                f"--{name} out."
            )


def to_json(config: Config) -> str:
    """Writes a configuration as JSON.

    Args:
        config: a configuration.

    Returns:
        Indented JSON from which `from_json` makes an equal configuration.
    """
    return json.dumps(dataclasses.asdict(config), indent=2) + "\n"


def from_json(text: str) -> Config:
    """Reads a configuration from JSON; missing settings get their defaults.

    Args:
        text: JSON in the format of `to_json`.

    Returns:
        The validated configuration.

    Raises:
        ValueError: If the text is not JSON, if a model family or a setting is
            unknown, or if a value has the wrong type or is out of its range.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"The configuration is not JSON: {error}.") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"The configuration must be a JSON object, got {values!r}."
        )
    unknown = set(values) - {"preset", *_GROUPS}
    if unknown:
        raise _unknown(min(unknown), ["preset", *_GROUPS])
    family = _family(values.get("model"))
    kinds = (family.model, family.objective, schema.Training)
    groups = {
        group: _build(kind, values.get(group, {}), group)
        for group, kind in zip(_GROUPS, kinds, strict=True)
    }
    if not isinstance(values.get("preset"), str):
        raise ValueError(
            "The setting 'preset' is missing; expected the name of a preset."
        )
    return validate(Config(values["preset"], **groups))


def _family(model: Any) -> schema.Family:
    name = model.get("name") if isinstance(model, dict) else None
    if not isinstance(name, str) or name not in schema.FAMILIES:
        raise ValueError(
            f"The configuration has the model {name!r}; this version of tfdood "
            f"knows {', '.join(schema.FAMILIES)}. {_OLD_FILES}"
        )
    return schema.FAMILIES[name]


def _fields(config: Config) -> Iterator[tuple[str, dataclasses.Field]]:
    for group in _GROUPS:
        for field in dataclasses.fields(getattr(config, group)):
            yield f"{group}.{field.name}", field


def _build(kind: type, values: Any, group: str) -> Any:
    """Makes a dataclass from parsed JSON; checks the names and the types."""
    if not isinstance(values, dict):
        raise ValueError(f"{group} must be a JSON object, got {values!r}.")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name in values:
        if name not in fields:
            known = [f"{group}.{field}" for field in fields]
            unknown = _unknown(f"{group}.{name}", known)
            raise ValueError(f"{unknown} {_OLD_FILES}")
    return kind(
        **{
            name: _typed(value, fields[name].type, f"{group}.{name}")
            for name, value in values.items()
        }
    )


def _typed(value: Any, kind: type, path: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(
            f"{path} must be of type {kind.__name__}, got {value!r}."
        )
    return value


def _replace(config: Config, path: str, value: Any) -> Config:
    group, dot, name = path.partition(".")
    if dot:
        value = dataclasses.replace(getattr(config, group), **{name: value})
    return dataclasses.replace(config, **{group: value})


def _parse(path: str, text: str, kind: type) -> Any:
    try:
        return _BOOLEANS[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise ValueError(
            f"{path} must be of type {kind.__name__}, got {text!r}."
        ) from None


def _unknown(path: str, known: Iterable[str]) -> ValueError:
    group = path.rpartition(".")[0]
    near = [name for name in known if group and name.startswith(f"{group}.")]
    closest = difflib.get_close_matches(path, list(known), n=1)
    hint = f" Did you mean {closest[0]!r}?" if closest else ""
    return ValueError(
        f"Unknown setting {path!r}.{hint} Known: {', '.join(near or known)}."
    )
