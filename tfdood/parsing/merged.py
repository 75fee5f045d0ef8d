"""Parses whose curves were chained where they continue each other."""

import dataclasses

import numpy as np

from tfdood.drawing.curves import bezier, pieces
from tfdood.parsing import base, seeds
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.types import Pen, Strokes

_NUM_POINTS = 50
_LARGEST_GAP = 0.12  # Between two ends, in canvas widths.
_LARGEST_TURN = 75.0  # From a curve into the next, in degrees.


@dataclasses.dataclass(frozen=True)
class Merged:
    """Chains the curves of another parser's parses where their ends meet.

    Curves do not move. They change their order, and run from the start of
    their chain to its end.

    Attributes:
        start: the other parser; each of its curves is a stroke.
        endpoints: the same model; it has the signature `refine`.
    """

    start: base.Parser
    endpoints: endpoints_lib.Endpoints

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Chains curves in the parses of the other parser.

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
        lines = bezier.curve_points(
            flat.on_canvas().strokes.control_points, _NUM_POINTS
        ).numpy()
        chains = [
            pieces.chain(
                list(of_drawing[presence > 0.5]),
                _LARGEST_GAP,
                _LARGEST_TURN,
            )
            for of_drawing, presence in zip(
                lines, flat.strokes.presence, strict=True
            )
        ]
        strokes, pen, chain = _reordered(flat, chains)
        merged = endpoints_lib.evaluated(
            self.endpoints,
            images.repeat(shape[1], 0),
            strokes,
            pen,
            found.stroke_frame,
        )
        return dataclasses.replace(merged, chain=chain).reshaped(*shape)


def _reordered(
    parses: base.Parses, chains: list[list[list[pieces.Link]]]
) -> tuple[Strokes, Pen, np.ndarray]:
    """Sorts curves by their chains, and turns those that run backwards.

    Args:
        parses: leading dimension `[N]`.
        chains: of each parse; they hold each curve that is drawn once.

    Returns:
        The strokes, the pen and the numbers of chains `[N, T]`.
    """
    presence, layout, points = map(np.array, parses.strokes)
    blur, stroke_contrast = (np.array(x) for x in parses.pen[:2])
    chain = np.tile(np.arange(presence.shape[1]), [len(presence), 1])
    for row, of_drawing in enumerate(chains):
        links = [link for links in of_drawing for link in links]
        new, old = slice(len(links)), [link.line for link in links]
        for array in (layout, points, blur, stroke_contrast):
            array[row, new] = array[row, old]
        for number, link in enumerate(links):
            if link.reversed:
                points[row, number] = points[row, number, ::-1]
        chain[row, new] = np.repeat(
            np.arange(len(of_drawing)), [len(links) for links in of_drawing]
        )
    pen = Pen(blur, stroke_contrast, parses.pen.canvas_contrast)
    return Strokes(presence, layout, points), pen, chain
