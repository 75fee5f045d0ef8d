"""Strokes by a search, in an order and direction that people would use."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfdood.parsing import seeds
from tfdood.sketching import tracer
from tfdood.sketching.preparing import Prepared, View
from tfdood.vectors.drawing import VectorDrawing


@dataclasses.dataclass(frozen=True)
class SearchingDrawer:
    """Draws by a parser whose strokes are B-splines.

    Attributes:
        parser: a `parsing.searched.Searched`, whose first parse has the largest
            log p(strokes).
        view: see `drawers.Drawer`.
    """

    parser: Any
    view: View

    def draw(self, prepared: Sequence[Prepared]) -> list[VectorDrawing]:
        """See `drawers.Drawer.draw`; takes the parse that comes first."""
        # The walks of a picture depend on its place among others.
        return list(map(self._drawn, prepared))

    def _drawn(self, prepared: Prepared) -> VectorDrawing:
        from tfdood.parsing import lines

        image = prepared.image
        parses = self.parser.parse(image[np.newaxis], seeds.Seed(0))
        best = parses.rows((slice(None), 0))
        error = np.sum(np.abs(image - best.canvas)) / (np.sum(image) or 1.0)
        [drawn] = lines.of_splines(best.strokes)
        drawing = tracer.of_lines(drawn, prepared, float(error))
        return drawing.thinned(prepared.growth)
