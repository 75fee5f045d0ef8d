"""Named configurations, from which a run starts.

The flag `--preset` takes one of these names; single settings are then changed
with `tfdood.config.override`.
"""

import dataclasses

from tfdood import config as config_lib

_DOOD = config_lib.Config(preset="dood")

_DOOD_PAPER = config_lib.Config(
    preset="dood_paper",
    model=config_lib.ModelConfig(
        encoder="paper",
        encoder_dropout=0.5,
        presence_bias=2.0,
        likelihood="laplace",
        pixel_scale="learned",
        pixel_scale_floor=0.01,
    ),
    objective=config_lib.ObjectiveConfig(
        num_particles=1, beta=4.0, signal_scale_floor=0.0, decay=0.8
    ),
    training=config_lib.TrainingConfig(
        num_steps=500_000,
        batch_size=64,
        learning_rate=1e-4,
        baseline_learning_rate=1e-3,
        pixel_scale_learning_rate=1e-4,
        warmup_steps=0,
        decay_steps=0,
        clip_norm=0.0,
        evaluate_every=10_000,
        checkpoint_every=1_000,
    ),
)

PRESETS = {"dood": _DOOD, "dood_paper": _DOOD_PAPER}
"""Configurations by name.

`dood`: the compact encoder and a pixel scale that follows the error, for runs
of an hour. `dood_paper`: everything as published (App. B.3 and C.1); where the
paper and the authors' code differ, what made the published numbers.
"""

# Paper, App. C.1 ("e.g. 8" for the presence); values of the authors' code.
_MODEL_CHANGES = {
    "omniglot": {
        "presence_bias": 10.0,
        "blur_bias": -4.0,
        "stroke_contrast_bias": 4.0,
        "canvas_contrast_bias": 4.0,
    }
}


def get(name: str, dataset: str) -> config_lib.Config:
    """A preset for a dataset.

    Args:
        name: a key of `PRESETS`.
        dataset: a name known to `tfdood.data`; Omniglot's drawings have more
            and crisper strokes, and the model starts out accordingly.

    Returns:
        The configuration.

    Raises:
        ValueError: If there is no such preset.
    """
    if name not in PRESETS:
        raise ValueError(
            f"Unknown preset {name!r}; choose from {', '.join(PRESETS)}."
        )
    config = PRESETS[name]
    return dataclasses.replace(
        config,
        model=dataclasses.replace(
            config.model, **_MODEL_CHANGES.get(dataset, {})
        ),
        training=dataclasses.replace(config.training, dataset=dataset),
    )
