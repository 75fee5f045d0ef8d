"""Datasets of drawings: five datasets and the one-shot runs of Omniglot."""

from tfdood.data.batching import Batch, batches
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
    "Batch",
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
