"""Presets of GNM, a model of scenes of objects (Jiang and Ahn, 2020).

`gnm_paper` is the published model: images of 128 x 128 pixels, 2,930,708
parameters without colours and 8,636,446 with them. Where the paper and the
authors' code differ, it follows the code. It differs from the code in these
points:

- Standard deviations have a floor of 1e-5; theirs can become 0.
- Objects without colours start dark (`model.object_bias`). With the authors'
  grey start, no object was left after 800 steps in our trials.
- With colours, objects cover 0.9 of each pixel in the first 500 steps (theirs:
  499), and presences have no upper limit in these steps (theirs: 0.99).
- RMSprop adds 1e-16 to the mean square, PyTorch 1e-8 to its root.
- The reported likelihood uses a presence of 0 or 1, so it is a lower bound.
  Theirs uses the relaxed presence with the mass of a Bernoulli variable; the
  task `marginal_likelihood` has this number too.

A run takes 1.1 million steps.

`gnm` is for hours on two cores: 64 x 64 pixels, objects of 16 x 16, Adam in
place of RMSprop, a smaller pixel standard deviation so that the likelihood
keeps its balance with the divergences, 3 % of the steps, and shorter
schedules. The divergences of z_what begin with a small weight: with their whole
weight from the start, all objects stay one blob for a thousand steps and more.
With colours, the posterior does not choose the presences in the first 1,000
steps (`objective.hold_steps`): else all objects are soon present or none is.

`gnm_gaussian` (Table 2) has one code with a standard normal prior, `gnm_no_mlp`
(Table 2) has convolutions in place of the MLPs of StructDRAW, and `gnm_8`
(Table 3) has eight levels. Neither the paper nor the authors' code gives the
sizes of the first two: the code of `gnm_gaussian` is as large as all levels
together, and `gnm_no_mlp` has the convolutions of the paper's ConvDRAW.
"""

import dataclasses

from tfdood.settings.scenes import Gnm, SceneObjective
from tfdood.settings.schema import Config, Training

_PAPER = Config(
    "gnm_paper",
    Gnm(std_floor=1e-5),
    SceneObjective(),
    Training(
        dataset="mnist_4",
        num_steps=1_125_000,
        batch_size=32,
        optimizer="rmsprop",
        learning_rate=1e-4,
        decay_steps=0,
        clip_norm=1.0,
        evaluate_every=10_000,
        checkpoint_every=1_000,
    ),
)

_GNM = Config(
    "gnm",
    Gnm(image_size=64, object_size=16, pixel_std=0.1),
    SceneObjective(
        beta_steps=5_000,
        temperature_hold_steps=500,
        temperature_steps=3_000,
        rate_steps=1_000,
        what_start=0.1,
        what_steps=8_000,
    ),
    Training(
        dataset="mnist_4",
        num_steps=30_000,
        batch_size=32,
        clip_norm=1.0,
    ),
)


def _variant(name: str, **changes: object) -> Config:
    model = dataclasses.replace(_GNM.model, **changes)
    return dataclasses.replace(_GNM, preset=name, model=model)


PRESETS = {
    "gnm": _GNM,
    "gnm_paper": _PAPER,
    "gnm_gaussian": _variant("gnm_gaussian", scene_prior="gaussian"),
    "gnm_no_mlp": _variant("gnm_no_mlp", scene_prior="convolutional"),
    "gnm_8": _variant("gnm_8", num_levels=8),
}

_COLOURS = (
    "model.colours=rgb",
    "model.object_bias=0",  # With a dark start, objects would be transparent.
    "model.width=128",
    "model.what_size=64",
    "objective.scale_mean=-1.5",
    "objective.where_start=10",
    "objective.where_steps=500",
    "objective.background_start=50",
    "objective.opaque_steps=500",
)

BY_DATASET = {
    ("gnm_paper", "arrow_like"): (
        *_COLOURS,
        "model.object_size=64",
        "objective.background_steps=50000",
    ),
    **{
        (name, "arrow_like"): (
            *_COLOURS,
            "model.object_size=32",
            "model.generated_scene=sample",
            "objective.background_steps=5000",
            "objective.hold_steps=1000",
            "objective.rate_start=0.5",
            "objective.rate_steps=4000",
        )
        for name in PRESETS
        if name != "gnm_paper"
    },
}
"""Additional settings for a dataset, by preset and dataset."""
