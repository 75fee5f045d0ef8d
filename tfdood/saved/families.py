"""Reads the configuration of a model without TensorFlow or an export."""

import json
import pathlib

from tfdood.saved import versions

PREFIX = "pretrained:"
"""Commands accept `pretrained:NAME` in place of the folder of a model."""

WEIGHTS = pathlib.Path(__file__).parents[1] / "weights"
"""The folder of the models that come with the package."""

_CONFIG = "config.json"


def of(model: str) -> str | None:
    """Reads the name of the model family, such as `dood`.

    Args:
        model: the folder of an exported model or of one of its versions, the
            folder of a run, or `pretrained:NAME`.

    Returns:
        The name; None if there is no such model, or its configuration is
        damaged.
    """
    try:
        return configuration(model)["model"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def configuration(model: str) -> dict:
    """Reads the configuration of a model as it is stored, without checks.

    Args:
        model: as in `of`.

    Returns:
        What the JSON file holds.

    Raises:
        OSError: If there is no such model.
        ValueError: If the file is damaged.
        KeyError: If the file is that of something else.
    """
    if model.startswith(PREFIX):
        path = WEIGHTS / f"{model.removeprefix(PREFIX)}.json"
        return json.loads(path.read_text())["config"]
    try:
        folder = versions.newest(model)
    except FileNotFoundError:
        folder = pathlib.Path(model)
    return json.loads((folder / _CONFIG).read_text())
