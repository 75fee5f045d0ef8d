"""Models of drawings."""

import dataclasses

from tfdood.models.base import DrawingModel
from tfdood.models.baselines.air import AIR
from tfdood.models.baselines.vae import VAE
from tfdood.models.dood.model import DooD
from tfdood.settings import bounds as ranges
from tfdood.settings.schema import ModelConfig

MODELS = {"dood": DooD, "air": AIR, "vae": VAE}


def build(config: ModelConfig) -> DrawingModel:
    """The model that a configuration names, with fresh weights.

    Raises:
        ValueError: If there is no such model, or a setting is out of its range.
    """
    ranges.check(
        {f"model.{k}": v for k, v in dataclasses.asdict(config).items()}
    )
    if config.name not in MODELS:
        raise ValueError(
            f"Unknown model {config.name!r}; choose from {sorted(MODELS)}."
        )
    return MODELS[config.name](config)
