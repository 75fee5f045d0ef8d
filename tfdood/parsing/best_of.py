"""The best parses among those of several parsers."""

import dataclasses

import numpy as np

from tfdood.parsing import base, seeds
from tfdood.parsing import endpoints as endpoints_lib

STROKE_PRICE, MARGIN = 100.0, 400.0
"""The default price of a stroke and the default margin, in nats."""


@dataclasses.dataclass(frozen=True)
class BestOf:
    """Keeps the parses with the largest score.

        score = log p(image, strokes) - price * number of strokes

    Strokes are chains of curves, see `Parses.chain`. The model learned to
    explain pixels: its own density favours many short strokes, so each stroke
    has a price. The parses of the first parser are preferred. The score of each
    parse of another parser is lowered by a margin. Such a parse comes last if
    its mean absolute error of a pixel is not smaller than the smallest one of
    the first parser. The reason is a pixel scale that is read off the canvas:
    it is large where lines are wide, so that wide lines in wrong places can
    have a larger likelihood than thin lines in the right places.

    Attributes:
        parsers: the parsers; their parses are the candidates.
        endpoints: the model of the strokes, with the signature `render`.
        num_parses: `K`, the number of parses to keep for each image, at most
            the number of candidates.
        stroke_price: the price of a stroke, in nats.
        margin: the margin of the first parser, in nats.
    """

    parsers: tuple[base.Parser, ...]
    endpoints: endpoints_lib.Endpoints
    num_parses: int = 1
    stroke_price: float = STROKE_PRICE
    margin: float = MARGIN

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Finds the best parses of each image.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: of the parsers.

        Returns:
            `Parses` with leading dimensions `[N, K]`, the best first.

        Raises:
            ValueError: If a parser cannot parse.
        """
        parts = [parser.parse(images, seed) for parser in self.parsers]
        found = base.together(parts)
        score = found.log_joint - self.stroke_price * found.num_strokes
        num_preferred = parts[0].log_prior.shape[1]
        score[:, num_preferred:] -= self.margin
        canvas = endpoints_lib.rendered(self.endpoints, found)
        error = np.abs(canvas - images[:, np.newaxis]).mean((2, 3, 4))
        is_worse = error >= error[:, :num_preferred].min(1, keepdims=True)
        is_worse[:, :num_preferred] = False
        score[is_worse] = -np.inf
        best = np.argsort(-score, 1, kind="stable")[:, : self.num_parses]
        return found.rows((np.arange(len(images))[:, np.newaxis], best))
