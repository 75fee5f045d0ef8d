"""The parsers that evaluation tasks use, and what a model's strokes are."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfdood.parsing import amortised
from tfdood.parsing.base import Parser
from tfdood.saved.exported import ExportedModel

_CURVES, _CODES = "control_points", "code"


def build(model: ExportedModel, num_parses: int, num_tries: int) -> Parser:
    """The parser of a task.

    Args:
        model: whose strokes explain the images.
        num_parses: of each image.
        num_tries: samples, of which the most probable one is kept as a parse.

    Returns:
        A `Parser`.

    Raises:
        ValueError: If the model's strokes are codes and not curves.
    """
    if not _may_have_curves(model):
        raise ValueError(
            f"The strokes of {model.path} are codes that a network draws, but "
            "this task needs curves. Evaluate a model whose strokes are curves."
        )
    frame = getattr(model.config.model, "stroke_frame", "canvas")
    return amortised.Amortised(model, num_parses, num_tries, frame)


def has_curves(model: ExportedModel, outputs: Mapping[str, Any]) -> bool:
    """Whether the strokes of a model are curves, and not codes.

    Args:
        model: that made the outputs.
        outputs: of one of its signatures.
    """
    return _CURVES in outputs and _may_have_curves(model)


def shapes(outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """What says how each stroke looks in its own frame.

    Args:
        outputs: of the signature `parse`.

    Returns:
        `[B, T, ...]`: control points, or codes.
    """
    return outputs[_CURVES if _CURVES in outputs else _CODES]


def _may_have_curves(model: ExportedModel) -> bool:
    return hasattr(model.config.model, "num_control_points")
