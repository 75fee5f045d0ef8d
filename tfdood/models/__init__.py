"""Models of drawings and their training losses."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras

from tfdood.models.base import Model
from tfdood.models.baselines.air import AIR
from tfdood.models.baselines.dood_dr import DoodDR
from tfdood.models.baselines.mean_image import MeanImage, MeanImageLearner
from tfdood.models.baselines.scene_vae import SceneVAE
from tfdood.models.baselines.scene_vae_learning import SceneVaeLearner
from tfdood.models.baselines.vae import VAE
from tfdood.models.baselines.vae_learning import VaeLearner
from tfdood.models.common.sequence_learning import SequenceLearner
from tfdood.models.dood.model import DooD
from tfdood.models.explaining import ExplainingModel, StrokeModel
from tfdood.models.gnm.learning import SceneLearner
from tfdood.models.gnm.model import GNM
from tfdood.models.gnm.prior_learning import PriorLearner
from tfdood.models.gns.learning import TypeLearner
from tfdood.models.gns.model import GNS
from tfdood.models.learning import Trainable
from tfdood.settings import text

__all__ = [
    "MODELS",
    "ExplainingModel",
    "Family",
    "Model",
    "StrokeModel",
    "Trainable",
    "build",
    "trainable",
]


class Family(NamedTuple):
    """The constructors of a model family.

    Attributes:
        model: makes a `Model` from the settings of the architecture.
        learner: makes a `Trainable` from a model and the settings of its
            objective.
        part_learner: the same for a part of the networks, of families with the
            setting `objective.learns`.
    """

    model: Callable[[Any], Model]
    learner: Callable[[Any, Any], Trainable]
    part_learner: Callable[[Any, Any], Trainable] | None = None


MODELS = {
    "dood": Family(DooD, SequenceLearner),
    "dood_dr": Family(DoodDR, SequenceLearner),
    "air": Family(AIR, SequenceLearner),
    "vae": Family(VAE, VaeLearner),
    "gns": Family(GNS, TypeLearner),
    "mean_image": Family(MeanImage, MeanImageLearner),
    "gnm": Family(GNM, SceneLearner, PriorLearner),
    "scene_vae": Family(SceneVAE, SceneVaeLearner),
}
"""All model families, by their names in `settings.schema.FAMILIES`."""


def build(settings: Any) -> Model:
    """Builds a model with newly initialised weights.

    Args:
        settings: the architecture, a dataclass of `settings.architectures`.

    Returns:
        The model of the family `settings.name`.

    Raises:
        ValueError: If there is no such family, if a setting is out of its
            range, or if Keras has another dtype than float32.
    """
    policy = keras.config.dtype_policy().name
    if policy != "float32":
        raise ValueError(
            f"Keras has the dtype policy {policy!r}; models need "
            'keras.config.set_dtype_policy("float32").'
        )
    if settings.name not in MODELS:
        raise ValueError(
            f"Unknown model {settings.name!r}; choose from {sorted(MODELS)}."
        )
    text.check(settings, "model")
    return MODELS[settings.name].model(settings)


def trainable(model: Model, objective: Any) -> Trainable:
    """Joins a model with the loss of its family.

    Args:
        model: a model that `build` returned.
        objective: the settings of the objective of its family.

    Returns:
        The `Trainable` that computes the loss of the model.
    """
    family = MODELS[model.settings.name]
    learns_all = getattr(objective, "learns", "all") == "all"
    return (family.learner if learns_all else family.part_learner)(
        model, objective
    )
