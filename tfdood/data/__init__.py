"""Datasets: five of drawings, Omniglot's one-shot runs, scenes of digits."""

from tfdood.data.batching import Batch, batches
from tfdood.data.datasets import (
    NAMES,
    SCENES,
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
    read_scenes,
)
from tfdood.data.scenes import SceneSet

__all__ = [
    "NAMES",
    "SCENES",
    "UNION",
    "Batch",
    "DatasetNotFoundError",
    "DrawingSet",
    "OneShotRuns",
    "SceneSet",
    "balanced_rows",
    "batches",
    "load",
    "read",
    "read_oneshot",
    "read_scenes",
    "spread",
]
