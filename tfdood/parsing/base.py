"""What all parsers share: they explain images by weighted sets of strokes."""

import dataclasses
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from scipy import special

from tfdood.types import Pen, Strokes


@dataclasses.dataclass(frozen=True)
class Parses:
    """Explanations of images by strokes.

    Parsers give `K` of them an image: leading dimensions `[N, K]`.

    Attributes:
        strokes: `Strokes` with leading dimensions `...`; control points are
            on the canvas, layouts are the whole canvas.
        pen: `Pen` with the same leading dimensions, on the canvas.
        log_prior: `[...]`, log p(strokes) in nats.
        log_likelihood: `[...]`, log p(image | strokes) in nats.
        parser: the name of the parser that found them.
    """

    strokes: Strokes
    pen: Pen
    log_prior: np.ndarray
    log_likelihood: np.ndarray
    parser: str = ""

    @property
    def log_joint(self) -> np.ndarray:
        """`[...]`, log p(image, strokes) in nats."""
        return self.log_prior + self.log_likelihood

    @property
    def log_weights(self) -> np.ndarray:
        """The log weight of each parse among those of its image.

            log w_k = log p(image, strokes_k)
                      - log sum_j p(image, strokes_j)

        Returns:
            `[..., K]`, in nats; the weights sum to 1 along the last axis.
        """
        return special.log_softmax(self.log_joint, -1)

    def rows(self, index: Any) -> "Parses":
        """Some of the parses.

        Args:
            index: of the leading dimensions, as NumPy takes it.

        Returns:
            The parses at that index.
        """
        arrays = self.strokes, self.pen, self.log_prior, self.log_likelihood
        return Parses(
            *tf.nest.map_structure(lambda x: x[index], arrays),
            parser=self.parser,
        )


class Endpoints(Protocol):
    """A model that is called by the names of its signatures.

    A loaded SavedModel and a wrapper around a live model can both be one.
    """

    def run(self, signature: str, **inputs: Any) -> dict[str, tf.Tensor]:
        """Calls a signature.

        Args:
            signature: its name, such as `parse`.
            **inputs: arrays or tensors by name, each of `B` rows.

        Returns:
            The outputs by name, each of `B` rows.
        """
        ...


class Parser(Protocol):
    """Finds explanations of images: a configured object.

    Attributes:
        name: of the method, such as `amortised`.
    """

    @property
    def name(self) -> str:
        """The name of the method."""
        ...

    def parse(self, images: np.ndarray, seed: tuple[int, int]) -> Parses:
        """Explains each image by `K` parses.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: the user's seed, and the stream of random numbers (see
                `seeds.of_rows`).

        Returns:
            `Parses` with leading dimensions `[N, K]`.
        """
        ...
