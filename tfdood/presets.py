"""Named configurations, from which a run starts.

The flag `--preset` takes one of these names; single settings are then changed
with `tfdood.config.override`.
"""

from tfdood import config as config_lib

_DOOD = config_lib.Config(preset="dood")

_DOOD_PAPER = config_lib.Config(
    preset="dood_paper",
    model=config_lib.ModelConfig(
        encoder="paper",
        encoder_dropout=0.5,
        glimpse_size=50,
        presence_bias=2.0,
        presence_bound=0.0,
        stroke_std_bias=0.0,
        likelihood="laplace",
        pixel_scale="learned",
        pixel_scale_floor=0.01,
    ),
    objective=config_lib.ObjectiveConfig(
        num_particles=1,
        presence_gradient="nvil",
        beta=4.0,
        signal_scale_floor=0.0,
        presence_warmup_steps=0,
        decay=0.8,
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

# What a dataset needs besides. Sketches have many strokes, which all have to
# learn before the presence chooses. Omniglot under NVIL: paper, App. C.1 ("e.g.
# 8"); the authors' code has 10.
_BY_DATASET = {
    ("dood", "quickdraw"): (
        "model.presence_bias=3",
        "objective.beta=4",
        "objective.signal_scale_floor=0.03",
    ),
    ("dood_paper", "omniglot"): ("model.presence_bias=10",),
}


def get(name: str, dataset: str) -> config_lib.Config:
    """A preset for a dataset.

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
    return config_lib.override(
        PRESETS[name],
        [f"training.dataset={dataset}", *_BY_DATASET.get((name, dataset), ())],
    )
