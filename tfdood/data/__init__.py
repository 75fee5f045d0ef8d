"""Datasets of drawings: five datasets and the one-shot runs of Omniglot."""

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
)

__all__ = [
    "NAMES",
    "UNION",
    "Batch",
    "DatasetNotFoundError",
    "DrawingSet",
    "OneShotRuns",
    "balanced_rows",
    "batches",
    "load",
    "read",
    "read_oneshot",
    "spread",
]
