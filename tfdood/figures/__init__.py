"""PNG figures of drawings."""

from tfdood.figures.boxes import boxed
from tfdood.figures.overlays import overlay
from tfdood.figures.sheets import (
    highlighted,
    reconstructions,
    samples,
    sheet,
    stroke_by_stroke,
    stroke_curves,
    stroke_frames,
    stroke_orders,
)

__all__ = [
    "boxed",
    "highlighted",
    "overlay",
    "reconstructions",
    "samples",
    "sheet",
    "stroke_by_stroke",
    "stroke_curves",
    "stroke_frames",
    "stroke_orders",
]
