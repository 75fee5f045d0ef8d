"""The parsers that evaluation tasks use, and what a model's strokes are."""

import dataclasses
from collections.abc import Container, Mapping

import numpy as np

from tfdood.data import datasets
from tfdood.evaluate.records.job import Explainer, Job
from tfdood.parsing import (
    amortised,
    best_of,
    merged,
    refined,
    searched,
    traced,
)
from tfdood.parsing.base import Parser
from tfdood.saved import lineage
from tfdood.saved.exported import ExportedModel

VERSIONS = {("parser", "searched"): 2, ("proposal", "refined"): 2}
"""Of the code of parsers and proposals, by flag and name; 1 of others.

Jobs that were done with another version are done again.
"""

_CURVES, _CODES = "control_points", "code"


def build(
    model: ExportedModel,
    num_parses: int,
    num_tries: int,
    explainer: Explainer | None = None,
) -> Parser:
    """The parser of a task.

    Args:
        model: whose strokes explain the images.
        num_parses: of each image; a tracer always gives one.
        num_tries: samples of the network, of which the most probable one is
            kept as a parse; a search and a tracer ignore it.
        explainer: the choice of the parser; None for the recognition network.

    Returns:
        A `Parser`.

    Raises:
        ValueError: If the model's strokes are codes and not curves, or if it
            has no such parser.
    """
    if is_search(explainer):
        return dataclasses.replace(
            search(model),
            num_parses=num_parses,
            num_steps=explainer.num_steps,
            learning_rate=explainer.learning_rate,
        )
    frame = _stroke_frame(model)
    network = amortised.Amortised(model, num_parses, num_tries, frame)
    return _chosen(network, num_parses, model, explainer)


def build_center(
    model: ExportedModel,
    explainer: Explainer | None = None,
    moves_pen: bool = True,
) -> Parser:
    """The parser that starts at what `reconstruct` draws, one parse an image.

    Args:
        model: whose strokes explain the images.
        explainer: the choice of the parser; None for the recognition network.
        moves_pen: whether gradient ascent changes the pen.

    Returns:
        A `Parser`.

    Raises:
        ValueError: If the model's strokes are codes and not curves, or if a
            search was chosen.
    """
    if is_search(explainer):
        search(model)  # Models that cannot search are told so first.
        raise ValueError(
            "This task compares the strokes that models draw by themselves; "
            "got --parser=searched. Choose another parser, or a task that "
            "searches, such as parsing."
        )
    network = amortised.Center(model, _stroke_frame(model))
    return _chosen(network, 1, model, explainer, moves_pen)


def _chosen(
    network: Parser,
    num_parses: int,
    model: ExportedModel,
    explainer: Explainer | None,
    moves_pen: bool = True,
) -> Parser:
    if explainer is None:
        return network
    settings = model.config.model
    traces = traced.Traced(
        model,
        settings.num_strokes,
        settings.num_control_points,
        settings.stroke_frame,
    )

    def ascended(start: Parser) -> Parser:
        if explainer.num_steps == 0:
            return start
        return refined.Refined(
            start,
            model,
            explainer.num_steps,
            explainer.learning_rate,
            moves_pen,
        )

    if explainer.name == "refined":
        return ascended(network)
    if explainer.name == "traced":
        return ascended(traces)
    candidates = ascended(traces), merged.Merged(ascended(network), model)
    return best_of.BestOf(candidates, model, num_parses)


def search(model: ExportedModel) -> searched.Searched:
    """A search for the strokes that the prior of a model expects.

    Args:
        model: that learned from the strokes of people.

    Returns:
        The parser, with its default settings.

    Raises:
        ValueError: If the model has no prior of pen strokes.
    """
    if "score_start" not in model.signature_names:
        raise ValueError(
            "The parser searched needs a model that learned from the strokes "
            f"of people, such as pretrained:gns; got {model.path}."
        )
    return searched.Searched(model, model.config.model.num_control_points)


def is_search(explainer: Explainer | None) -> bool:
    """Whether a search for strokes was chosen.

    Args:
        explainer: of a job.
    """
    return explainer is not None and explainer.name == searched.Searched.name


def check_unseen(job: Job) -> None:
    """Refuses drawings of Omniglot that are of the model's training alphabets.

    What a model has learned before counts as well, see `lineage.of`.

    Args:
        job: of any task. All drawings of `parsing` are of background
            alphabets; a model of images may have learned from them, and the
            source of the task says so.

    Raises:
        ValueError: If the model learned from strokes, and the drawings are
            validation drawings of Omniglot, or those of `parsing`, which are of
            all its background alphabets. Or if it learned from images of
            Omniglot, and the drawings have strokes: those are of the background
            alphabets, too.
    """
    for training in lineage.of(job.model.config.training):
        _check_unseen(job, training.dataset)


def _check_unseen(job: Job, learned_from: str) -> None:
    if (
        job.dataset in datasets.STROKES
        and "omniglot" in datasets.parts(learned_from)
        and job.task != "parsing"
    ):
        raise ValueError(
            f"{job.model.name} learned from images of {learned_from}, among "
            f"which are most drawings of dataset={job.dataset}; give "
            "--dataset=omniglot."
        )
    is_of_background = job.split == "validation" or job.task == "parsing"
    if (
        job.dataset == "omniglot"
        and is_of_background
        and learned_from in datasets.STROKES
    ):
        raise ValueError(
            f"{job.model.name} learned from strokes of {learned_from}, which "
            f"are of most alphabets of these {job.split} drawings of "
            f"dataset=omniglot; give --dataset={datasets.STROKES[0]}, whose "
            f"{job.split} alphabets it has not seen."
        )


def has_network(model: ExportedModel) -> bool:
    """Whether a model explains images by itself, without a search.

    Args:
        model: of any kind.
    """
    return "parse" in model.signature_names


def _stroke_frame(model: ExportedModel) -> str:
    """The frame of the model's blurs; refuses models without curves."""
    if not has_network(model):
        advice = (
            "give --parser=searched, of tasks that have it"
            if "score_start" in model.signature_names
            else "evaluate a model whose strokes are curves"
        )
        raise ValueError(
            f"The model {model.path} finds no strokes of images; {advice}."
        )
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
