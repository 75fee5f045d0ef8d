"""Parses by thinning and good continuation, without learning."""

import dataclasses
from typing import ClassVar

import numpy as np

from tfdood.drawing import tracing
from tfdood.drawing.curves import pieces, polylines
from tfdood.parsing import base, placing, seeds
from tfdood.parsing import endpoints as endpoints_lib

TOLERANCE = 0.02
"""The distance that a curve may have from its line, in canvas widths."""


@dataclasses.dataclass(frozen=True)
class Traced:
    """Traces the lines of drawings, a chain of Bezier curves each.

    The model only gives the densities of these parses: nothing that it learned
    is used to find them.

    Attributes:
        endpoints: a model with the signature `refine`.
        num_strokes: `T` of the model: curves at most. Of more lines, the
            longest are kept.
        num_control_points: `K` of the model's curves.
        stroke_frame: of the model, see `Parses`.
        tolerance: a line is divided if a curve misses it by more than this, in
            canvas widths; infinite for one curve a line.
    """

    name: ClassVar[str] = "traced"

    endpoints: endpoints_lib.Endpoints
    num_strokes: int
    num_control_points: int
    stroke_frame: str = "canvas"
    tolerance: float = TOLERANCE

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Traces each image.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: not used.

        Returns:
            `Parses` with leading dimensions `[N, 1]`.

        Raises:
            ValueError: If the model has no signature `refine`.
        """
        del seed
        traces = [tracing.trace(image[..., 0]) for image in images]
        found = [self._divided(trace.lines) for trace in traces]
        strokes = placing.strokes(
            [[piece.points for piece in of_drawing] for of_drawing in found],
            self.num_strokes,
            self.num_control_points,
        )
        widths = np.array([trace.width for trace in traces])
        pen = placing.pen(widths, strokes.layout, self.stroke_frame)
        parses = endpoints_lib.evaluated(
            self.endpoints, images, strokes, pen, self.stroke_frame
        )
        chain = np.tile(np.arange(self.num_strokes), [len(images), 1])
        for row, of_drawing in zip(chain, found, strict=True):
            row[: len(of_drawing)] = [piece.line for piece in of_drawing]
        parses = dataclasses.replace(parses, chain=chain)
        return parses.reshaped(len(images), 1)

    def _divided(self, lines: list[np.ndarray]) -> list[pieces.Piece]:
        lengths = [polylines.lengths(line)[-1] for line in lines]
        order = np.argsort(lengths, kind="stable")[::-1]
        kept = [lines[number] for number in sorted(order[: self.num_strokes])]
        return pieces.divide(
            kept, self.num_control_points, self.num_strokes, self.tolerance
        )
