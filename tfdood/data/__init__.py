"""Datasets of drawings: five datasets; Omniglot's runs and strokes."""

from tfdood.data.batching import Batch, batches
from tfdood.data.datasets import (
    NAMES,
    UNION,
    DrawingSet,
    OneShotRuns,
    balanced_rows,
    spread,
)
from tfdood.data.reading import (
    DatasetNotFoundError,
    load,
    read,
    read_oneshot,
    read_strokes,
)
from tfdood.data.strokes import StrokeSet

__all__ = [
    "NAMES",
    "UNION",
    "Batch",
    "DatasetNotFoundError",
    "DrawingSet",
    "OneShotRuns",
    "StrokeSet",
    "balanced_rows",
    "batches",
    "load",
    "read",
    "read_oneshot",
    "read_strokes",
    "spread",
]
