"""Strokes by a search, in an order and direction that people would use."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfdood.parsing import seeds
from tfdood.sketching import tracer
from tfdood.sketching.preparing import Prepared, View
from tfdood.vectors.drawing import VectorDrawing

_NUM_POINTS = 100  # Of each stroke.


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
        from tfdood.drawing.curves import bspline
        from tfdood.drawing.ink import splat_canvases

        images = np.stack([one.image for one in prepared])
        best = self.parser.parse(images, seeds.Seed(0)).rows((slice(None), 0))
        curves = np.asarray(bspline.points(*best.strokes, _NUM_POINTS))
        blank = np.sum(images, (1, 2, 3))
        errors = np.sum(np.abs(images - best.canvas), (1, 2, 3))
        unexplained = errors / np.where(blank, blank, 1.0)
        lines = curves / splat_canvases.IMAGE_SIZE
        return [
            tracer.of_lines(
                list(lines[row][: best.num_strokes[row]]),
                one,
                float(unexplained[row]),
            ).thinned(one.growth)
            for row, one in enumerate(prepared)
        ]
