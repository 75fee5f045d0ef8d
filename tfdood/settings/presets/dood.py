"""Presets of DooD: ours, the paper's, and ablations.

`dood`: a compact encoder, a running pixel scale, an exact sum over the number
of strokes, and collages of drawings as augmentation; for runs of an hour or
two.

`dood_paper`: as published (App. B.3 and C.1). Where the paper and the authors'
code differ, it follows the code, which made the published numbers, with one
exception: strokes are placed by moving their control points, as the text says;
those of its Fig. 4 were warped (`--set=model.stroke_frame=glimpse`,
`--set=model.min_blur=0.01`).

The ablations are `dood` without one of its parts, on every dataset, so that a
difference between two short runs comes from that part:

`dood_sp` (App. D.1.6): no sequential prior. Each stroke continues the drawing
with probability 1/2, and has a layout and control points from fixed Gaussians;
the recognition model still sees the canvas. As in the authors' code.

`dood_eg` (Sec. 3): no execution guidance. Neither prior nor posterior sees the
canvas so far, or what it leaves to draw. The authors' code makes two more
changes at once. Its q(presence) sees the target alone, and so is the same at
every step: that this model always uses all strokes follows from the code. And
its p(presence) sees the target, which a prior cannot. Here p(presence) depends
on the state of the layout RNN, and so on the layouts so far, and q(presence) on
the target and that state.

`dood_dr` (Sec. 3, DooD-dR): no renderer. An MLP paints a stroke from ten
numbers, and the layout warps its image. The numbers have the prior and the
ranges of control points, standardised for the MLP; strokes have no pen and are
not divided by their maximum; drawings are composited as in `dood`. The authors'
code takes normal pixels, and so another likelihood, for all datasets but MNIST;
here pixels are those of `dood`. Exemplars keep their codes and are moved as a
whole.

`dood_glimpse`: strokes are rasterised in frames of their own, with the blurs of
those frames, which their layouts warp: small strokes are thin, and frames cut
them off. In the paper's text, and in `dood`, layouts move control points; but
this is what made its Fig. 4.
"""

import dataclasses

from tfdood.settings.schema import (
    Config,
    Dood,
    DoodDr,
    PresenceObjective,
    Training,
)

OURS = PresenceObjective(
    collages=0.2,
    signal_scale_floor=0.03,
    presence_warmup_steps=1_000,
)
"""The objective of `dood`, of its ablations and of the baselines."""

_DOOD = Config("dood", Dood(), OURS)

_DOOD_PAPER = Config(
    "dood_paper",
    Dood(
        encoder="paper",
        glimpse_size=50,
        presence_bias=2.0,
        stroke_std_bias=0.0,
        pixel_scale="learned",
    ),
    PresenceObjective(presence_gradient="nvil"),
    Training(
        num_steps=500_000,
        learning_rate=1e-4,
        decay_steps=0,
        evaluate_every=10_000,
        checkpoint_every=1_000,
    ),
)


def _ablation(name: str, **changes: object) -> Config:
    return Config(name, dataclasses.replace(_DOOD.model, **changes), OURS)


_ABLATIONS = {
    "dood_sp": _ablation("dood_sp", prior="independent"),
    "dood_eg": _ablation("dood_eg", execution_guided=False),
    "dood_dr": Config("dood_dr", DoodDr(), OURS),
    "dood_glimpse": _ablation(
        "dood_glimpse", stroke_frame="glimpse", min_blur=0.01
    ),
}

PRESETS = {"dood": _DOOD, "dood_paper": _DOOD_PAPER, **_ABLATIONS}

# Sketches and cursive characters have many strokes: all of them have to learn
# before the number of strokes is learned and before lines become crisp, and
# collages of two of them are crowded. Omniglot's lines are thin: the loss is
# blurred at first. The number of strokes of characters is learned only after
# lines are crisp.
_CROWDED = (
    "model.presence_bias=5",
    "objective.beta=2",
    "objective.collages=0.1",
    "objective.scale_hold_steps=3000",
    "objective.scale_anneal_steps=3000",
)
_OURS_BY_DATASET = {
    "emnist": (
        "model.presence_bias=5",
        "objective.presence_warmup_steps=1800",
    ),
    "kmnist": (*_CROWDED, "objective.presence_warmup_steps=6000"),
    "quickdraw": (*_CROWDED, "objective.presence_warmup_steps=2000"),
    "omniglot": (
        "model.presence_bias=5",
        "objective.beta=2",
        "objective.presence_warmup_steps=5000",
        "objective.scale_hold_steps=2500",
        "objective.scale_anneal_steps=2500",
        "objective.smoothing=3",
    ),
}

BY_DATASET = {
    (name, dataset): changes
    for name in ("dood", *_ABLATIONS)
    for dataset, changes in _OURS_BY_DATASET.items()
}
"""Settings that a dataset needs besides, by preset and dataset.

With `dood_paper`, Omniglot has the authors' bias of 10 (App. C.1: "e.g. 8").
"""
BY_DATASET["dood_paper", "omniglot"] = ("model.presence_bias=10",)
