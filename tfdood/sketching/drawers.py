"""What draws images as strokes: signatures of a model, or parsers."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from tfdood.parsing import seeds
from tfdood.saved import families
from tfdood.sketching import running, tracer
from tfdood.sketching.preparing import Prepared, View
from tfdood.sketching.running import Predict
from tfdood.sketching.searcher import SearchingDrawer
from tfdood.vectors import drawing
from tfdood.vectors.drawing import VectorDrawing

DEFAULT_MODEL, SEARCH_MODEL = "pretrained:all", "pretrained:gns"
DEFAULT_NUM_STROKES = 12
"""How many curves `DEFAULT_MODEL` draws of a picture at most.

It learned with up to 8, but people's own pictures have more lines.
"""
MARGINS = {
    "quickdraw": 0.04,
    "emnist": 0.1,
    "mnist": 0.2,
    "omniglot": 0.2,
    "omniglot_strokes": 0.2,
    "omniglot_strokes_recorded": 0.2,
    "kmnist": 0.0,
    "folder": 0.04,
    "all": 0.04,
}
"""Paper around the drawings of each dataset, in longer sides of their ink.

Pictures are most like the sketches of `all`.
"""

_MARGIN, _IMAGE_SIZE = 0.1, 50  # Of other drawings, and of other models.
_LINE_WIDTH = 0.04  # Strokes of thinner lines are found badly, in images.
_SIGNATURES = {"amortised": "reconstruct", "refined": "reconstruct_refined"}
PARSERS = ("traced", *_SIGNATURES, "best_of", "searched")
"""What finds strokes: tracing without a model; the recognition network;
gradient ascent from there; the best of both after gradient ascent; a search
with a model of how people draw."""


class Drawer(Protocol):
    """Draws images as strokes.

    Attributes:
        view: how pictures look like the drawings that the model learned from.
    """

    view: View

    def draw(self, prepared: Sequence[Prepared]) -> list[VectorDrawing]:
        """Finds the strokes of pictures.

        Args:
            prepared: at least one.

        Returns:
            The drawings, each in pixels of its picture.

        Raises:
            ValueError: If the strokes of the model are codes, or if the model
                cannot be run.
        """
        ...


@dataclasses.dataclass(frozen=True)
class SignatureDrawer:
    """Draws by one signature of a model, here or on a server.

    Attributes:
        predict: runs the model.
        signature: that draws.
        seed: of signatures with seeds: of the whole drawing, whatever the other
            rows are. None for the others.
        view: see `Drawer`.
    """

    predict: Predict
    signature: str = "reconstruct"
    seed: int | None = None
    view: View = View(_IMAGE_SIZE, _MARGIN, _LINE_WIDTH * _IMAGE_SIZE)

    def draw(self, prepared: Sequence[Prepared]) -> list[VectorDrawing]:
        """See `Drawer.draw`."""
        images = _images(prepared)
        inputs = {"images": images}
        if self.seed is None:
            outputs = self.predict(self.signature, inputs)
            return _placed({**outputs, "image": images}, prepared)
        inputs["seeds"] = np.tile(np.int32([[self.seed, 0]]), [len(images), 1])
        return _placed(self.predict(self.signature, inputs), prepared)


@dataclasses.dataclass(frozen=True)
class ParserDrawer:
    """Draws by a parser.

    Attributes:
        parser: of one parse an image, a `parsing.base.Parser`.
        model: whose strokes they are, an `ExportedModel`.
        view: see `Drawer`.
    """

    parser: Any
    model: Any
    view: View

    def draw(self, prepared: Sequence[Prepared]) -> list[VectorDrawing]:
        """See `Drawer.draw`."""
        from tfdood.parsing import endpoints

        images = _images(prepared)
        parses = self.parser.parse(images, seeds.Seed(0)).rows((slice(None), 0))
        on_canvas = parses.on_canvas()
        outputs = {
            **on_canvas.strokes._asdict(),
            **on_canvas.pen._asdict(),
            "chain": on_canvas.chains,
            "canvas": endpoints.rendered(self.model, parses),
            "image": images,
        }
        return _placed(outputs, prepared)


def _images(prepared: Sequence[Prepared]) -> np.ndarray:
    return np.stack([one.image for one in prepared])


def _placed(
    outputs: Mapping[str, np.ndarray], prepared: Sequence[Prepared]
) -> list[VectorDrawing]:
    return [
        drawing.of_outputs(outputs, row, one.place).thinned(one.growth)
        for row, one in enumerate(prepared)
    ]


def load(
    model: str | None = None,
    parser: str | None = None,
    signature: str | None = None,
    seed: int = 0,
    num_strokes: int | None = None,
) -> Drawer:
    """Loads what draws.

    Args:
        model: the folder of an exported model, the folder of a run, or
            `pretrained:NAME`; by default `DEFAULT_MODEL`, or `SEARCH_MODEL` of
            `searched`. What a run or a pretrained model needs is written to the
            user's cache when it is first used, which takes minutes.
        parser: one of `PARSERS`; by default `traced` without a model,
            `searched` with one that learned from the strokes of people, and
            `refined` with another one. Only `traced` needs no model.
        signature: `complete` or `exemplars`, in place of a parser.
        seed: of such a signature, from 0 to 2^31 - 1.
        num_strokes: the largest number of curves that a model draws; by default
            as in training, but `DEFAULT_NUM_STROKES` of a parser with
            `DEFAULT_MODEL`. The tracer and the search have no such number.

    Returns:
        The `Drawer`.

    Raises:
        ValueError: If there is no such parser or model, if it is damaged, if an
            exported model has another number of strokes, or if the parser has
            no model or no such number.
        FileNotFoundError: If the folder holds no model.
    """
    if parser is None:
        parser = _default_parser(model)
    if parser not in PARSERS:
        raise ValueError(
            f"Expected a parser of {', '.join(PARSERS)}, got {parser!r}."
        )
    if signature is None and parser == "traced":
        if model is not None:
            raise ValueError("The parser traced needs no model; leave it out.")
        if num_strokes is not None:
            raise ValueError("num_strokes has no effect on traced lines.")
        return tracer.TracingDrawer()
    if signature is None and parser == "searched":
        if num_strokes is not None:
            raise ValueError("num_strokes has no effect on a search.")
        return _searched(SEARCH_MODEL if model is None else model)
    model = DEFAULT_MODEL if model is None else model
    if num_strokes is None and signature is None and model == DEFAULT_MODEL:
        num_strokes = DEFAULT_NUM_STROKES
    if signature is None and parser == "best_of":
        return _best_of(model, num_strokes)
    found = running.opened(model, num_strokes)
    name, seed = (
        (_SIGNATURES[parser], None) if signature is None else (signature, seed)
    )
    return SignatureDrawer(
        found.predict,
        name,
        seed,
        _widened(_view(found.image_size, found.dataset), found.dataset),
    )


def _default_parser(model: str | None) -> str:
    if model is None:
        return "traced"
    return "searched" if families.of(model) == running.SEARCHED else "refined"


def of_server(
    predict: Predict,
    parser: str | None = None,
    signature: str | None = None,
    seed: int = 0,
) -> Drawer:
    """Draws by a model on a server.

    Args:
        predict: asks the server.
        parser: `amortised` or `refined`, by default the latter; the server runs
            signatures only.
        signature: as in `load`.
        seed: as in `load`.

    Returns:
        The `Drawer`. Images have 50 x 50 pixels.

    Raises:
        ValueError: If the parser is another one.
    """
    if signature is not None:
        return SignatureDrawer(predict, signature, seed)
    parser = parser or "refined"
    if parser not in _SIGNATURES:
        raise ValueError(
            f"A server has the parsers {' and '.join(_SIGNATURES)}, got "
            f"{parser!r}. Run the model here with --model."
        )
    return SignatureDrawer(predict, _SIGNATURES[parser])


def _view(size: int, dataset: str) -> View:
    return View(size, MARGINS.get(dataset.partition(":")[0], _MARGIN))


def _widened(view: View, dataset: str) -> View:
    """Widens thin lines, but not for models that learned from pictures."""
    if dataset.partition(":")[0] == "folder":
        return view
    return view._replace(line_width=_LINE_WIDTH * view.size)


def _best_of(model: str, num_strokes: int | None) -> ParserDrawer:
    from tfdood import quiet  # noqa: F401  # isort: skip
    from tfdood.evaluate import parsers
    from tfdood.evaluate.records.job import Explainer
    from tfdood.parsing import refined
    from tfdood.saved import cached, exported

    running.check(model)
    found = exported.ExportedModel(cached.folder(model, num_strokes))
    explainer = Explainer(
        "parser", "best_of", refined.NUM_STEPS, refined.LEARNING_RATE
    )
    parser = parsers.build_center(found, explainer)
    view = _view(found.image_size, found.config.training.dataset)
    return ParserDrawer(parser, found, view)


def _searched(model: str) -> SearchingDrawer:
    from tfdood import quiet  # noqa: F401  # isort: skip
    from tfdood.evaluate import parsers
    from tfdood.saved import cached, exported

    running.check_search(model)
    found = exported.ExportedModel(cached.folder(model))
    parser = dataclasses.replace(parsers.search(found), num_parses=1)
    dataset = found.config.training.dataset
    view = _widened(_view(found.image_size, dataset), dataset)
    return SearchingDrawer(parser, view._replace(levels=tracer.LEVELS))
