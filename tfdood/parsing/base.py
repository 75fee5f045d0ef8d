"""What all parsers share: they explain images by weighted sets of strokes."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from tfdood.drawing import canvas, frames
from tfdood.parsing import seeds, splines, weighted
from tfdood.types import Pen, Strokes

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)
_SCORES = "log_prior", "log_likelihood"


@dataclasses.dataclass(frozen=True)
class Parses(weighted.Weighted):
    """Explanations of images by strokes.

    A parser gives `K` explanations of each of `N` images: `...` is `[N, K]`.

    Attributes:
        strokes: `Strokes` with leading dimensions `...`, in frames of their
            own, as the model has them.
        pen: `Pen` with the same leading dimensions.
        log_prior: `[...]`, log p(strokes) in nats.
        log_likelihood: `[...]`, log p(image | strokes) in nats.
        chain: `[..., T]`, the number of the chain of each curve: people draw
            the curves of a chain without lifting the pen, in their order. None
            if each curve is a stroke of its own.
        stroke_frame: `canvas` if blurs are in widths of the canvas, `glimpse`
            if they are in widths of each stroke's own frame.
    """

    strokes: Strokes
    pen: Pen
    log_prior: np.ndarray
    log_likelihood: np.ndarray
    stroke_frame: str = "canvas"
    chain: np.ndarray | None = None

    def rows(self, index: Any) -> "Parses":
        """Some of the parses.

        Args:
            index: of the leading dimensions, as NumPy takes it.

        Returns:
            The parses at that index.
        """
        return self._mapped(lambda x: x[index])

    @property
    def chains(self) -> np.ndarray:
        """`[..., T]`, `chain`; if it is None, a chain for each curve."""
        if self.chain is not None:
            return self.chain
        presence = np.asarray(self.strokes.presence)
        return np.broadcast_to(np.arange(presence.shape[-1]), presence.shape)

    @property
    def num_strokes(self) -> np.ndarray:
        """`[...]`, strokes of the pen: chains of the curves that are drawn."""
        is_first = np.diff(self.chains, prepend=-1) != 0
        return (is_first & (np.asarray(self.strokes.presence) > 0.5)).sum(-1)

    def reshaped(self, *shape: int) -> "Parses":
        """The same parses with other leading dimensions.

        Args:
            *shape: as many parses as there are.

        Returns:
            The parses with these leading dimensions.
        """
        rank = self.log_prior.ndim
        return self._mapped(lambda x: x.reshape(*shape, *x.shape[rank:]))

    def on_canvas(self) -> "Parses":
        """Places control points and blurs on the canvas.

        Returns:
            The parses with layouts of the whole canvas.
        """
        layout, pen = self.strokes.layout, self.pen
        if self.stroke_frame == "glimpse":
            layout = frames.invertible(layout)
            pen = pen._replace(blur=canvas.place_blur(layout, pen.blur).numpy())
        strokes = Strokes(
            self.strokes.presence,
            np.broadcast_to(np.float32(_WHOLE_CANVAS), layout.shape),
            canvas.place(layout, self.strokes.control_points).numpy(),
        )
        return dataclasses.replace(
            self, strokes=strokes, pen=pen, stroke_frame="canvas"
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """The parses as named arrays, for `of_arrays`."""
        own = {"stroke_frame": self.stroke_frame}
        own |= {name: getattr(self, name) for name in _SCORES}
        if self.chain is not None:
            own["chain"] = self.chain
        own |= self.strokes._asdict() | self.pen._asdict()
        return {name: np.asarray(value) for name, value in own.items()}

    def _mapped(self, function: Callable[[np.ndarray], np.ndarray]) -> "Parses":
        arrays = self.strokes, self.pen, self.log_prior, self.log_likelihood
        strokes, pen, log_prior, log_likelihood = tf.nest.map_structure(
            function, arrays
        )
        return dataclasses.replace(
            self,
            strokes=strokes,
            pen=pen,
            log_prior=log_prior,
            log_likelihood=log_likelihood,
            chain=None if self.chain is None else function(self.chain),
        )


def of_arrays(parts: Sequence[Mapping[str, np.ndarray]]) -> Parses:
    """Joins the parses of successive parts of a set of images.

    Args:
        parts: what `Parses.arrays` returned, of each part in order.

    Returns:
        `Parses` of all images, along the first dimension.
    """
    whole = {
        name: first
        if first.ndim == 0
        else np.concatenate([p[name] for p in parts])
        for name, first in parts[0].items()
    }
    return Parses(
        Strokes(*(whole[name] for name in Strokes._fields)),
        Pen(*(whole[name] for name in Pen._fields)),
        *(whole[name] for name in _SCORES),
        stroke_frame=str(whole["stroke_frame"]),
        chain=whole.get("chain"),
    )


def together(parts: Sequence[Parses]) -> Parses:
    """Puts the parses of several parsers side by side.

    Args:
        parts: leading dimensions `[N, K]` each, all of the same model.

    Returns:
        `Parses` with leading dimensions `[N, sum of all K]`.
    """

    def arrays(parses: Parses) -> tuple[Any, ...]:
        return (
            *(parses.strokes, parses.pen),
            *(parses.log_prior, parses.log_likelihood, parses.chains),
        )

    strokes, pen, log_prior, log_likelihood, chain = tf.nest.map_structure(
        lambda *x: np.concatenate(x, 1), *map(arrays, parts)
    )
    stroke_frame = parts[0].stroke_frame
    return Parses(strokes, pen, log_prior, log_likelihood, stroke_frame, chain)


class Parser(Protocol):
    """Finds explanations of images: a configured object."""

    def parse(
        self, images: np.ndarray, seed: seeds.Seed
    ) -> Parses | splines.SplineParses:
        """Explains each image by `K` parses.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: of all random numbers.

        Returns:
            With leading dimensions `[N, K]`.
        """
        ...
