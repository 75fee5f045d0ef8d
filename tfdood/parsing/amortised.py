"""Parses sampled from a model's recognition network."""

import dataclasses
from typing import ClassVar

import numpy as np
import tensorflow as tf
import tqdm

from tfdood.drawing import canvas
from tfdood.parsing import seeds
from tfdood.parsing.base import Endpoints, Parses
from tfdood.types import Pen, Strokes

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)
_ROWS_A_CALL = 256
_OUTPUTS = (
    *(*Strokes._fields, *Pen._fields),
    *("log_prior", "log_likelihood"),
)


@dataclasses.dataclass(frozen=True)
class Amortised:
    """Posterior samples, each the most probable of several.

    Of each `num_tries` samples from q(strokes | image), the one with the
    largest log p(image, strokes) is kept.

    Attributes:
        endpoints: a model with the signature `parse`.
        num_parses: `K`, parses of an image.
        num_tries: samples for each parse.
        stroke_frame: `canvas` if the model's blur is in widths of the canvas,
            `glimpse` if it is in widths of each stroke's own frame.
    """

    name: ClassVar[str] = "amortised"

    endpoints: Endpoints
    num_parses: int
    num_tries: int
    stroke_frame: str = "canvas"

    def parse(self, images: np.ndarray, seed: tuple[int, int]) -> Parses:
        """Samples parses of each image.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: the user's seed, and the stream of random numbers (see
                `seeds.of_rows`).

        Returns:
            `Parses` with leading dimensions `[N, K]`.

        Raises:
            ValueError: If the model's strokes are not curves.
        """
        count = self.num_parses * self.num_tries
        samples = self._sample(
            images.repeat(count, 0), seeds.of_rows(len(images) * count, *seed)
        )
        best = _best_rows(samples, self.num_tries)
        shape = len(images), self.num_parses
        return self._on_canvas(
            {
                name: value[best].reshape(*shape, *value.shape[1:])
                for name, value in samples.items()
            }
        )

    def _sample(
        self, images: np.ndarray, row_seeds: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Calls the signature `parse` for many rows, some at a time."""
        chunks = []
        for start in tqdm.trange(
            0, len(images), _ROWS_A_CALL, desc="parse", unit="chunk"
        ):
            rows = slice(start, start + _ROWS_A_CALL)
            outputs = self.endpoints.run(
                "parse", images=images[rows], seeds=row_seeds[rows]
            )
            _require_curves(outputs)
            chunks.append(
                {name: np.asarray(outputs[name]) for name in _OUTPUTS}
            )
        return {
            name: np.concatenate([chunk[name] for chunk in chunks])
            for name in _OUTPUTS
        }

    def _on_canvas(self, outputs: dict[str, np.ndarray]) -> Parses:
        """Places strokes and their blur on the canvas."""
        layout = outputs["layout"]
        pen = Pen(*(outputs[name] for name in Pen._fields))
        if self.stroke_frame == "glimpse":
            pen = pen._replace(blur=canvas.place_blur(layout, pen.blur).numpy())
        strokes = Strokes(
            outputs["presence"],
            np.broadcast_to(np.float32(_WHOLE_CANVAS), layout.shape),
            canvas.place(layout, outputs["control_points"]).numpy(),
        )
        return Parses(
            strokes,
            pen,
            outputs["log_prior"],
            outputs["log_likelihood"],
            parser=self.name,
        )


def _best_rows(samples: dict[str, np.ndarray], num_tries: int) -> np.ndarray:
    """The most probable row of each `num_tries` successive rows."""
    log_joint = samples["log_prior"] + samples["log_likelihood"]
    log_joint = log_joint.reshape(-1, num_tries)  # [N K, tries]
    return log_joint.argmax(1) + num_tries * np.arange(len(log_joint))


def _require_curves(outputs: dict[str, tf.Tensor]) -> None:
    """Refuses models whose strokes are codes.

    Raises:
        ValueError: If they are.
    """
    if "control_points" not in outputs:
        raise ValueError(
            "The signature parse of this model has no output control_points: "
            "its strokes are codes that a network draws. Choose a model whose "
            "strokes are curves."
        )
