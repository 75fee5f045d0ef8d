"""PNG figures of drawings."""

from tfdood.figures.overlays import overlay
from tfdood.figures.sheets import reconstructions, samples, sheet

__all__ = ["overlay", "reconstructions", "samples", "sheet"]
