"""Parses that gradient ascent made better."""

import dataclasses

import numpy as np

from tfdood.models.dood import refining
from tfdood.parsing import base, seeds
from tfdood.parsing import endpoints as endpoints_lib

NUM_STEPS, LEARNING_RATE = 60, refining.LEARNING_RATE
"""Defaults: steps of ascent, and the rate of layouts and control points."""


@dataclasses.dataclass(frozen=True)
class Refined:
    """Improves the parses of another parser by gradient ascent (Adam).

    Layouts, control points and the pen change so that log p(image | strokes,
    pen) + log p(strokes) grows; which strokes are present does not change. A
    parse never gets less probable.

    Attributes:
        start: the other parser.
        endpoints: the same model; it has the signature `refine`.
        num_steps: of ascent, from 0 to 1,000.
        learning_rate: of layouts and control points.
        moves_pen: whether the pen changes, too.
    """

    start: base.Parser
    endpoints: endpoints_lib.Endpoints
    num_steps: int = NUM_STEPS
    learning_rate: float = LEARNING_RATE
    moves_pen: bool = True

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Refines the parses of the other parser.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: of the other parser.

        Returns:
            `Parses` with leading dimensions `[N, K]`.

        Raises:
            ValueError: If the model's strokes are not curves, or if it has no
                signature `refine`.
        """
        found = self.start.parse(images, seed)
        shape = found.log_prior.shape
        flat = found.reshaped(-1)
        rate = self.learning_rate
        outputs = endpoints_lib.refined(
            self.endpoints,
            images.repeat(shape[1], 0),
            flat.strokes,
            flat.pen,
            num_steps=self.num_steps,
            rate=rate,
            pen_rate=refining.PEN_FACTOR * rate * self.moves_pen,
        )
        refined = endpoints_lib.explained(outputs, found.stroke_frame)
        refined = dataclasses.replace(refined, chain=flat.chain)
        return refined.reshaped(*shape)
