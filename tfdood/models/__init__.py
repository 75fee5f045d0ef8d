"""Models of drawings, and how they learn."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tfdood.models.base import Model, StrokeModel, Trainable
from tfdood.models.baselines.air import AIR
from tfdood.models.baselines.dood_dr import DoodDR
from tfdood.models.baselines.mean_image import MeanImage, MeanImageLearner
from tfdood.models.baselines.vae import VAE
from tfdood.models.baselines.vae_learning import VaeLearner
from tfdood.models.common.sequence_learning import SequenceLearner
from tfdood.models.dood.model import DooD
from tfdood.settings import text

__all__ = ["MODELS", "Family", "Model", "StrokeModel", "Trainable", "build"]


class Family(NamedTuple):
    """A model family.

    Attributes:
        model: from the settings of the architecture to a `Model`.
        learner: from a model and the settings of its objective to a
            `Trainable`.
    """

    model: Callable[[Any], Model]
    learner: Callable[[Any, Any], Trainable]


MODELS = {
    "dood": Family(DooD, SequenceLearner),
    "dood_dr": Family(DoodDR, SequenceLearner),
    "air": Family(AIR, SequenceLearner),
    "vae": Family(VAE, VaeLearner),
    "mean_image": Family(MeanImage, MeanImageLearner),
}
"""All model families, by the names in `settings.schema.FAMILIES`."""


def build(settings: Any) -> Model:
    """Makes the model of a family, with fresh weights.

    Args:
        settings: the architecture, a dataclass of `settings.schema`.

    Raises:
        ValueError: If there is no such model, or a setting is out of its range.
    """
    if settings.name not in MODELS:
        raise ValueError(
            f"Unknown model {settings.name!r}; choose from {sorted(MODELS)}."
        )
    text.check(settings, "model")
    return MODELS[settings.name].model(settings)


def trainable(model: Model, objective: Any) -> Trainable:
    """Makes what trains a model.

    Args:
        model: made by `build`.
        objective: the settings of its family's objective.
    """
    return MODELS[model.settings.name].learner(model, objective)
