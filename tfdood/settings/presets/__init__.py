"""Presets: named configurations, from which a run starts.

The flag `--preset` selects a preset. `tfdood.settings.text.override` then
changes single settings.
"""

import dataclasses

from tfdood.settings import text
from tfdood.settings.presets import baselines, dood, gnm, gns, scene_vae
from tfdood.settings.schema import Config

PRESETS: dict[str, Config] = {
    **dood.PRESETS,
    **baselines.PRESETS,
    **gns.PRESETS,
    **gnm.PRESETS,
    **scene_vae.PRESETS,
}
"""All configurations by name."""

_BY_DATASET = {
    **dood.BY_DATASET,
    **baselines.BY_DATASET,
    **gnm.BY_DATASET,
    **scene_vae.BY_DATASET,
}

_WARM_START = (
    "objective.presence_warmup_steps=0",
    "objective.scale_hold_steps=0",
    "objective.scale_anneal_steps=1",
    "objective.smoothing=0",
    "objective.beta_steps=0",
    "objective.temperature_hold_steps=0",
    "objective.temperature_steps=0",
    "objective.rate_steps=0",
    "objective.what_steps=0",
    "objective.where_steps=0",
    "objective.background_steps=0",
    "objective.opaque_steps=0",
    "objective.hold_steps=0",
)


def get(name: str, dataset: str) -> Config:
    """Makes the configuration of a preset for a dataset.

    Args:
        name: a key of `PRESETS`.
        dataset: a name that `data.read` takes. Presets have special settings
            for some datasets, and for all folders.

    Returns:
        The configuration.

    Raises:
        ValueError: If the preset is unknown.
    """
    if name not in PRESETS:
        raise ValueError(
            f"Unknown preset {name!r}; choose from {', '.join(PRESETS)}."
        )
    own = _BY_DATASET.get((name, dataset.partition(":")[0]), ())
    config = PRESETS[name]
    training = dataclasses.replace(config.training, dataset=dataset)
    return text.override(dataclasses.replace(config, training=training), own)


def warm_start(config: Config) -> list[str]:
    """Lists the settings of a run that starts from trained weights.

    The schedules at the start of training help random weights, but damage
    trained weights, so these settings switch the schedules off. Only the
    running pixel scale starts again at `objective.scale_hold` and then follows
    the error. The reason: where another dataset has no ink, its pixel scale is
    0.01, and a new drawing with ink at these pixels would cost thousands of
    nats.

    Args:
        config: the configuration of the run.

    Returns:
        Assignments `path=value` of the settings that have an effect.
    """
    effective = text.with_effect(config)
    return [s for s in _WARM_START if s.partition("=")[0] in effective]
