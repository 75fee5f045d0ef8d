"""The parsers that evaluation tasks use, and what a model's strokes are."""

from collections.abc import Container, Mapping

import numpy as np

from tfdood.evaluate.records.job import Refinement
from tfdood.parsing import amortised, refined
from tfdood.parsing.base import Parser
from tfdood.saved.exported import ExportedModel

_CURVES, _CODES = "control_points", "code"


def build(
    model: ExportedModel,
    num_parses: int,
    num_tries: int,
    refinement: Refinement | None = None,
) -> Parser:
    """The parser of a task.

    Args:
        model: whose strokes explain the images.
        num_parses: of each image.
        num_tries: samples, of which the most probable one is kept as a parse.
        refinement: of the parses; None leaves them as they are.

    Returns:
        A `Parser`.

    Raises:
        ValueError: If the model's strokes are codes and not curves.
    """
    frame = _stroke_frame(model)
    start = amortised.Amortised(model, num_parses, num_tries, frame)
    return _refined(start, model, refinement)


def build_center(
    model: ExportedModel,
    refinement: Refinement | None = None,
    moves_pen: bool = True,
) -> Parser:
    """The parser that starts at what `reconstruct` draws, one parse an image.

    Args:
        model: whose strokes explain the images.
        refinement: of the parses; None leaves them as they are.
        moves_pen: whether the refinement changes the pen.

    Returns:
        A `Parser`.

    Raises:
        ValueError: If the model's strokes are codes and not curves.
    """
    start = amortised.Center(model, _stroke_frame(model))
    return _refined(start, model, refinement, moves_pen)


def _refined(
    start: Parser,
    model: ExportedModel,
    refinement: Refinement | None,
    moves_pen: bool = True,
) -> Parser:
    if refinement is None:
        return start
    return refined.Refined(start, model, *refinement[1:], moves_pen)


def _stroke_frame(model: ExportedModel) -> str:
    """The frame of the model's blurs; refuses models of codes."""
    if not has_curves(model.output_names("parse")):
        raise ValueError(
            f"The strokes of {model.path} are codes that a network draws, but "
            "this task needs curves. Evaluate a model whose strokes are curves."
        )
    return model.config.model.stroke_frame


def has_curves(outputs: Container[str]) -> bool:
    """Whether the strokes of a model are curves, and not codes.

    Args:
        outputs: the outputs of one of its signatures, or their names.
    """
    return _CURVES in outputs


def shapes(outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """What says how each stroke looks in its own frame.

    Args:
        outputs: of the signature `parse`.

    Returns:
        `[B, T, ...]`: control points, or codes.
    """
    return outputs[_CURVES if _CURVES in outputs else _CODES]
