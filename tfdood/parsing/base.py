"""What all parsers share: they explain images by weighted sets of strokes."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
import tqdm
from scipy import special

from tfdood.drawing import canvas
from tfdood.types import Pen, Strokes

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)
_ROWS_A_CALL = 256


@dataclasses.dataclass(frozen=True)
class Parses:
    """Explanations of images by strokes.

    Parsers give `K` of them an image: leading dimensions `[N, K]`.

    Attributes:
        strokes: `Strokes` with leading dimensions `...`, in frames of their
            own, as the model has them.
        pen: `Pen` with the same leading dimensions.
        log_prior: `[...]`, log p(strokes) in nats.
        log_likelihood: `[...]`, log p(image | strokes) in nats.
        parser: the name of the parser that found them.
        stroke_frame: `canvas` if blurs are in widths of the canvas, `glimpse`
            if they are in widths of each stroke's own frame.
    """

    strokes: Strokes
    pen: Pen
    log_prior: np.ndarray
    log_likelihood: np.ndarray
    parser: str = ""
    stroke_frame: str = "canvas"

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
        return self._mapped(lambda x: x[index])

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
            pen = pen._replace(blur=canvas.place_blur(layout, pen.blur).numpy())
        strokes = Strokes(
            self.strokes.presence,
            np.broadcast_to(np.float32(_WHOLE_CANVAS), layout.shape),
            canvas.place(layout, self.strokes.control_points).numpy(),
        )
        return dataclasses.replace(
            self, strokes=strokes, pen=pen, stroke_frame="canvas"
        )

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


def run_all(
    endpoints: Endpoints, signature: str, **inputs: np.ndarray
) -> dict[str, np.ndarray]:
    """Calls a signature for many rows, some at a time.

    Args:
        endpoints: the model.
        signature: its name.
        **inputs: arrays by name, each of `N` rows.

    Returns:
        The outputs by name, each of `N` rows.
    """
    num_rows = len(next(iter(inputs.values())))
    chunks = []
    for start in tqdm.trange(
        0, num_rows, _ROWS_A_CALL, desc=signature, unit="chunk"
    ):
        rows = slice(start, start + _ROWS_A_CALL)
        outputs = endpoints.run(
            signature, **{name: x[rows] for name, x in inputs.items()}
        )
        chunks.append({name: np.asarray(x) for name, x in outputs.items()})
    return {
        name: np.concatenate([chunk[name] for chunk in chunks])
        for name in chunks[0]
    }


def explained(
    outputs: Mapping[str, np.ndarray], parser: str, stroke_frame: str
) -> Parses:
    """Reads the outputs of the signatures `parse` and `refine`.

    Args:
        outputs: by name.
        parser: the name of the parser.
        stroke_frame: see `Parses`.

    Returns:
        `Parses` with the leading dimension of the outputs.

    Raises:
        ValueError: If the model's strokes are codes and not curves.
    """
    if "control_points" not in outputs:
        raise ValueError(
            "The signature parse of this model has no output control_points: "
            "its strokes are codes that a network draws. Choose a model whose "
            "strokes are curves."
        )
    strokes, pen = (
        kind(*(np.asarray(outputs[name]) for name in kind._fields))
        for kind in (Strokes, Pen)
    )
    densities = (
        np.asarray(outputs[name]) for name in ("log_prior", "log_likelihood")
    )
    return Parses(strokes, pen, *densities, parser, stroke_frame)


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
