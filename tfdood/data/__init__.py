"""Drawings to learn from: five datasets and the one-shot runs."""

from tfdood.data.batching import batches
from tfdood.data.datasets import (
    NAMES,
    DrawingSet,
    OneShotRuns,
    balanced,
    spread,
)
from tfdood.data.reading import (
    DatasetNotFoundError,
    load,
    read,
    read_oneshot,
)

__all__ = [
    "NAMES",
    "DatasetNotFoundError",
    "DrawingSet",
    "OneShotRuns",
    "balanced",
    "batches",
    "load",
    "read",
    "read_oneshot",
    "spread",
]
