"""Named configurations, from which a run starts.

The flag `--preset` takes one of these names; single settings are then changed
with `tfdood.settings.text.override`.
"""

import dataclasses

from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

_DOOD = config_lib.Config(preset="dood")

_DOOD_PAPER = config_lib.Config(
    preset="dood_paper",
    model=config_lib.ModelConfig(
        encoder="paper",
        encoder_dropout=0.5,
        glimpse_size=50,
        presence_bias=2.0,
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
        exploration=0.0,
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

_AIR = config_lib.Config(
    preset="air",
    model=config_lib.ModelConfig(
        name="air",
        presence_bias=1.0,
        stroke_std_bias=0.0,
        prior="independent",
        execution_guided=False,
        decoder="neural",
        stroke_frame="glimpse",
    ),
    objective=config_lib.ObjectiveConfig(beta=5.0),
)

_DIFFERENCE_AIR = dataclasses.replace(
    _AIR,
    preset="difference_air",
    model=dataclasses.replace(_AIR.model, execution_guided=True),
)

_VAE = config_lib.Config(
    preset="vae",
    model=config_lib.ModelConfig(
        name="vae",
        num_strokes=1,
        num_control_points=42,
        stroke_std_bias=0.0,
        prior="independent",
        execution_guided=False,
        decoder="neural",
    ),
)

ABLATIONS = {
    "dood_sp": {"prior": "independent"},
    "dood_eg": {"execution_guided": False},
    "dood_dr": {"decoder": "neural"},
    "dood_glimpse": {"stroke_frame": "glimpse", "min_blur": 0.01},
}
"""Ablations of DooD: what each takes away, a setting of the model.

All else is as in `dood`, for every dataset: the compact encoder, the running
pixel scale, the exact sum over when to stop, collages to learn from. After
short runs, too, a difference is then due to what was taken away.

`dood_sp` (App. D.1.6): no sequential prior. Each stroke goes on with even odds,
and has a layout and control points from fixed Gaussians; what recognises them
still sees the canvas. As in the authors' code.

`dood_eg` (Sec. 3): no execution guidance. Neither prior nor posterior sees the
canvas so far, or what it leaves to draw. The authors' code confounds this with
two more changes. Its q(presence) sees the target alone, and so is the same at
every step: the finding that the model always uses all strokes is built in. And
its p(presence) sees the target as well, which a prior cannot. Here p(presence)
depends on the state of the layout RNN, and so on the layouts so far, and
q(presence) on the target and that state.

`dood_dr` (Sec. 3, DooD-dR): no renderer. An MLP paints a stroke from ten
numbers, and its layout warps that. The numbers keep the prior and the ranges
that they have as control points, standardised for the MLP; strokes have no pen,
and are not divided by their maximum; drawings are composited as ever. The
authors' code takes normal pixels, and so another likelihood, for all datasets
but MNIST; here pixels stay those of `dood`. Exemplars keep their codes, and are
moved as a whole.

`dood_glimpse`: strokes are rasterised in frames of their own, with the blurs of
those, which their layouts warp, so that small strokes are thin and frames cut
them off. In the paper's text, and in `dood`, layouts move control points; but
this is what made its Fig. 4.
"""

PRESETS = {"dood": _DOOD, "dood_paper": _DOOD_PAPER}
PRESETS |= {
    name: dataclasses.replace(
        _DOOD, preset=name, model=dataclasses.replace(_DOOD.model, **taken)
    )
    for name, taken in ABLATIONS.items()
}
PRESETS |= {"air": _AIR, "difference_air": _DIFFERENCE_AIR, "vae": _VAE}
"""Configurations by name.

`dood`: the compact encoder and a pixel scale that follows the error, for runs
of an hour. `dood_paper`: everything as published (App. B.3 and C.1); where the
paper and the authors' code differ, what made the published numbers; but strokes
are placed by moving their control points, as the text has it, and those of its
Fig. 4 were warped (`--set=model.stroke_frame=glimpse`, `model.min_blur=0.01`).
Those of `ABLATIONS`: `dood` without one of its parts.

Baselines, with the encoder, the pixel scale, the exact sum over when to stop,
the collages and the budget of `dood`, so that they compare with it after short
runs; on KMNIST, Quick, Draw! and Omniglot `dood` has schedules of its own:

`air`: AIR (Eslami et al., 2016). Up to six parts, each a 10-number code that
an MLP paints into a glimpse of the canvas; parts add up, without bound. One GRU
guesses them from the image alone; their prior is fixed, with even odds to go
on; beta = 5. As in the authors' code, but for: scales of layouts have means in
(0.25, 1) and rotations in +-45 degrees, where theirs are free (a scale can then
grow or vanish until nothing is seen); layouts start as the whole image, as
DooD's do, where theirs start anywhere; the presence has an MLP of its own;
parts start with less ink. Their presence starts at a logit of 1, not 3, with
which six parts learnt nothing.
Omniglot takes normal pixels, as theirs did; their published row for it is an
ELBO of one sample (k = 1), all others IWAE-200: do not compare across.

`difference_air`: the same, but each part is guessed from the residual, the
image less the canvas so far; this is the "AIR" of the paper's tables.

`vae`: one code, with as many numbers as six of DooD's strokes (84), one
Gaussian each, and the decoder of `air`: no parts, no layouts, no choice of how
many. Not in the paper; the floor.
"""

# For drawings of many strokes, below.
_CROWDED = (
    "model.presence_bias=5",
    "objective.beta=2",
    "objective.exploration=0.1",
    "training.scale_hold_steps=3000",
    "training.scale_anneal_steps=3000",
)

# What a dataset needs besides. Sketches and cursive characters have many
# strokes, which all have to learn well before any is given up and before lines
# become crisp; two of them make a crowded collage. No stroke of a character is
# given up before lines sharpen, and its worth shows. Omniglot's are thin:
# coarse before fine. Under NVIL: paper, App. C.1 ("e.g. 8"); the authors' code
# has 10.
_BY_DATASET = {
    ("dood", "emnist"): (
        "model.presence_bias=5",
        "objective.presence_warmup_steps=1800",
    ),
    ("dood", "kmnist"): (*_CROWDED, "objective.presence_warmup_steps=6000"),
    ("dood", "quickdraw"): (*_CROWDED, "objective.presence_warmup_steps=2000"),
    ("dood", "omniglot"): (
        "model.presence_bias=5",
        "objective.beta=2",
        "objective.presence_warmup_steps=5000",
        "training.scale_hold_steps=2500",
        "training.scale_anneal_steps=2500",
        "training.smoothing=3",
    ),
    ("air", "omniglot"): ("model.likelihood=normal",),
    ("difference_air", "omniglot"): ("model.likelihood=normal",),
    ("dood_paper", "omniglot"): ("model.presence_bias=10",),
}

WARM_START = (
    "objective.presence_warmup_steps=0",
    "training.scale_hold_steps=0",
    "training.scale_anneal_steps=1",
    "training.smoothing=0",
)
"""For runs that start from trained weights (`training.start_from`).

What eases a start from random weights would undo what those have learnt. The
running pixel scale alone starts anew, at `training.scale_hold`, and follows the
error as fast as `training.scale_decay` lets it: that of another dataset, 0.01
where that has no ink, would make any ink there cost thousands of nats.
"""


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
    base = "dood" if name in ABLATIONS else name
    return settings_lib.override(
        PRESETS[name],
        [f"training.dataset={dataset}", *_BY_DATASET.get((base, dataset), ())],
    )
