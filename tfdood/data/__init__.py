"""Datasets of drawings: five datasets and the one-shot runs of Omniglot."""

import sys

if sys.argv[:1] == ["-m"]:  # Python is about to run a command of this package.
    from tfdood import console  # noqa: F401  # Starts TensorFlow quietly.

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
