"""A drawing as strokes in the place of its picture."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from tfdood.drawing.squares import Place
from tfdood.vectors import inkml, ndjson, pen_strokes, polyline_json, svg
from tfdood.vectors.pen_strokes import PenStroke

_INK = {"white": "black", "black": "white", "none": "black"}
PAPERS = tuple(_INK)
"""The papers of SVG documents."""

_NEEDED = (
    "presence",
    "control_points",
    "blur",
    "stroke_contrast",
    "canvas_contrast",
)


UNKNOWN = Place(200.0, 200.0, 0.0, 0.0, 200.0)
"""Of drawings without a picture."""


@dataclasses.dataclass(frozen=True)
class VectorDrawing:
    """The strokes of a drawing.

    Attributes:
        strokes: the strokes in the order in which they are drawn.
        width: of the picture, in pixels; 200 for a drawing without a picture.
        height: of the picture, in pixels; 200 for a drawing without a picture.
        unexplained: the absolute error of the strokes, divided by the absolute
            error of a blank page; 0 for a picture without ink. None for traced
            lines, and for a drawing without a picture.
    """

    strokes: tuple[PenStroke, ...]
    width: float
    height: float
    unexplained: float | None = None

    def thinned(self, growth: float) -> "VectorDrawing":
        """Makes strokes thinner, after the lines of the picture were widened.

        Args:
            growth: by how much the lines were widened, in pixels.

        Returns:
            A drawing whose strokes are thinner by `growth`. Each stroke keeps
            at least a quarter of its width.
        """
        strokes = (
            dataclasses.replace(
                one, width=max(one.width - growth, one.width / 4.0)
            )
            for one in self.strokes
        )
        return dataclasses.replace(self, strokes=tuple(strokes))

    def svg(
        self, paper: str = "white", colors: bool = False, animate: bool = False
    ) -> str:
        """Writes an SVG document of the size of the picture.

        Args:
            paper: `white` with black strokes, `black` with white strokes, or
                `none` with black strokes, to lay over the picture.
            colors: whether strokes get colours by their order.
            animate: whether viewers draw the strokes one after the other.

        Returns:
            The document, see `svg.write`.

        Raises:
            ValueError: If `paper` is none of these three.
        """
        if paper not in _INK:
            raise ValueError(
                f"Expected a paper of {', '.join(PAPERS)}, got {paper!r}."
            )
        inks = svg.ORDER_COLORS if colors else (_INK[paper],)
        return svg.write(
            self.strokes, self.width, self.height, inks, paper, animate
        )

    def ndjson(self, word: str = "") -> str:
        """Writes a line of Quick, Draw!'s format, see `ndjson.write`."""
        return ndjson.write(self.strokes, word)

    def inkml(self) -> str:
        """Writes an InkML document, see `inkml.write`."""
        return inkml.write(self.strokes)

    def json(self) -> str:
        """Writes polygonal lines as JSON, see `polyline_json.write`."""
        return polyline_json.write(self.strokes, self.width, self.height)

    def polylines(self, spacing: float = 1.0) -> list[np.ndarray]:
        """Converts strokes to polygonal lines.

        Args:
            spacing: the largest distance between points, in pixels.

        Returns:
            For each stroke `[N, 2]`, points `(x, y)` in pixels of the picture.

        Raises:
            ValueError: See `PenStroke.points`.
        """
        return [stroke.points(spacing) for stroke in self.strokes]


def of_outputs(
    outputs: Mapping[str, np.ndarray], row: int = 0, place: Place = UNKNOWN
) -> VectorDrawing:
    """Reads a drawing from the outputs of a signature.

    Args:
        outputs: `presence` `[B, T]`, `control_points` `[B, T, K, 2]` on the
            unit square of the canvas, `blur` and `stroke_contrast` `[B, T]`,
            and `canvas_contrast` `[B]`; perhaps `chain` `[B, T]`, see
            `parsing.base.Parses`, and `image` and `canvas` `[B, S, S, 1]`.
        row: of the batch.
        place: of the canvas in the picture.

    Returns:
        The drawing in pixels of the picture. Curves of a chain are one stroke;
        their ends move to the middle between them, where they meet.

    Raises:
        ValueError: If an output is missing, or the strokes are codes.
    """
    if "code" in outputs:
        raise ValueError(
            "The strokes of this model are codes that a network paints, not "
            "curves, and cannot be written as curves. Use the pixels of its "
            "output 'canvas', or a model with curves."
        )
    missing = [name for name in _NEEDED if name not in outputs]
    if missing:
        raise ValueError(
            f"The answer of the model lacks {', '.join(missing)}. Use a model "
            "of strokes that tfdood exported, such as pretrained:all; models "
            "of scenes have none."
        )
    presence, points, *pen = (np.asarray(outputs[k])[row] for k in _NEEDED)
    points = place.side * points.astype(np.float64) + (place.left, place.top)
    widths = place.side * pen_strokes.stroke_width(*pen)
    opacities = pen_strokes.peak(*pen[1:])
    chain = outputs["chain"][row] if "chain" in outputs else range(len(points))
    curves: dict[int, list[int]] = {}
    for number, of_chain in enumerate(chain):
        if presence[number] > 0.5:
            curves.setdefault(int(of_chain), []).append(number)
    strokes = tuple(
        PenStroke(
            _joined(points[numbers]),
            float(widths[numbers].mean()),
            float(opacities[numbers].mean()),
        )
        for numbers in curves.values()
    )
    return VectorDrawing(
        strokes, place.width, place.height, _unexplained(outputs, row)
    )


def _joined(curves: np.ndarray) -> np.ndarray:
    """Curves `[N, K, 2]` whose ends meet in the middle between them."""
    meeting = 0.5 * (curves[:-1, -1] + curves[1:, 0])
    curves[:-1, -1] = curves[1:, 0] = meeting
    return curves


def _unexplained(outputs: Mapping[str, np.ndarray], row: int) -> float | None:
    if "image" not in outputs or "canvas" not in outputs:
        return None
    image, canvas = (
        np.asarray(outputs[name])[row] for name in ("image", "canvas")
    )
    blank = float(np.sum(np.abs(image)))
    return float(np.sum(np.abs(image - canvas))) / blank if blank else 0.0
