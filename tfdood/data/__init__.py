"""Datasets of drawings and of scenes; Omniglot's runs and strokes."""

# `python -m tfdood.data.prepare` imports this package before the module.
from tfdood import quiet  # noqa: F401  # isort: skip

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
from tfdood.data.one_shot import read_oneshot
from tfdood.data.reading import load, read, read_scenes, read_strokes
from tfdood.data.scenes import SceneSet
from tfdood.data.sources import DatasetNotFoundError
from tfdood.data.strokes import StrokeSet

__all__ = [
    "NAMES",
    "SCENES",
    "UNION",
    "Batch",
    "DatasetNotFoundError",
    "DrawingSet",
    "OneShotRuns",
    "SceneSet",
    "StrokeSet",
    "balanced_rows",
    "batches",
    "load",
    "read",
    "read_oneshot",
    "read_scenes",
    "read_strokes",
    "spread",
]
