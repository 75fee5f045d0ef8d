"""Named configurations, from which a run starts.

The flag `--preset` takes one of these names; single settings are then changed
with `tfdood.settings.text.override`.
"""

from tfdood.settings import text
from tfdood.settings.presets import baselines, dood
from tfdood.settings.schema import Config

PRESETS: dict[str, Config] = {**dood.PRESETS, **baselines.PRESETS}
"""All configurations by name."""

_BY_DATASET = {**dood.BY_DATASET, **baselines.BY_DATASET}

_WARM_START = (
    "objective.presence_warmup_steps=0",
    "objective.scale_hold_steps=0",
    "objective.scale_anneal_steps=1",
    "objective.smoothing=0",
)


def get(name: str, dataset: str) -> Config:
    """Gives a preset for a dataset.

    Args:
        name: a key of `PRESETS`.
        dataset: a name known to `tfdood.data`; some have settings of their own.

    Returns:
        The configuration.

    Raises:
        ValueError: If there is no such preset.
    """
    if name not in PRESETS:
        raise ValueError(
            f"Unknown preset {name!r}; choose from {', '.join(PRESETS)}."
        )
    own = _BY_DATASET.get((name, dataset), ())
    return text.override(PRESETS[name], [f"training.dataset={dataset}", *own])


def warm_start(config: Config) -> list[str]:
    """Gives the settings for a run that starts from trained weights.

    The schedules that help random weights at the start would undo what trained
    weights have learned, so they are switched off. The running pixel scale
    alone starts again at `objective.scale_hold` and follows the error: the
    scale of another dataset is 0.01 where that dataset has no ink, and a new
    drawing with ink there would cost thousands of nats.

    Args:
        config: of the run.

    Returns:
        Assignments `path=value` of the settings that the family has.
    """
    known = text.flatten(config)
    return [s for s in _WARM_START if s.partition("=")[0] in known]
