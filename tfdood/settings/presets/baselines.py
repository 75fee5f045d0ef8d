"""Presets of the baselines, the models with which DooD is compared.

The baselines have the same encoder, pixel scale, exact sum over the number of
strokes, collages, schedules and number of steps as `dood`, so that short runs
can be compared. The settings that `dood` has for single datasets are its own.
`mean_image` draws the same canvas for all images, so that its pixel scale is a
running mean at each position.

`air` is AIR (Eslami et al., 2016). A drawing has up to six parts. Each part is
a code of 10 numbers; an MLP paints it into a glimpse of the canvas. The parts
are summed, without an upper bound. One GRU infers the parts from the image
alone. The prior of the parts is fixed, and continues with probability 1/2. The
setting beta is 5. It follows the authors' code, with these differences:

- The means of layout scales are in (0.25, 1), and the means of rotations are
  within +-45 degrees. In the authors' code they have no bounds, so that a scale
  can grow or vanish until nothing is visible.
- At the start of training, a layout covers the whole image, as in DooD. In the
  authors' code it may be anywhere.
- The presence has its own MLP.
- Parts have less ink at the start of training.

The presence has an initial logit of 1: with 3, six parts learned nothing.
Omniglot has normal pixels, as in the authors' code, so that its nats cannot be
compared with those of `dood`. The published value for
Omniglot is an ELBO of one sample (k = 1), and all other published values are
IWAE-200, so they cannot be compared with each other.

`difference_air` equals `air`, but it infers each part from the residual, the
image minus the canvas so far. The paper's tables call this model "AIR".

`vae` has one code of 84 numbers, as many as six strokes of DooD have. Each
number has a Gaussian, and the decoder is that of `air`. It has no parts, no
layouts and no number of strokes. It is not in the paper; it is the lower end of
the comparison.

`mean_image` is one image for the whole dataset. It does not use its input. A
model that is not better than `mean_image` has learned nothing.
"""

import dataclasses

from tfdood.settings.architectures import Air, MeanImage, Vae
from tfdood.settings.objectives import PixelObjective, ScaleObjective
from tfdood.settings.presets import dood
from tfdood.settings.schema import Config

_AIR = Air(
    presence_bias=1.0,
    stroke_std_bias=0.0,
    execution_guided=False,
    glimpse_size=dood.GLIMPSE_SIZE,
    pixel_scale=dood.PIXEL_SCALE,
)

PRESETS = {
    "air": Config("air", _AIR, dood.OURS, dood.TRAINING),
    "difference_air": Config(
        "difference_air",
        dataclasses.replace(_AIR, execution_guided=True),
        dood.OURS,
        dood.TRAINING,
    ),
    "vae": Config(
        "vae",
        Vae(pixel_scale=dood.PIXEL_SCALE),
        PixelObjective(
            collages=dood.OURS.collages,
            signal_scale_floor=dood.OURS.signal_scale_floor,
        ),
        dood.TRAINING,
    ),
    "mean_image": Config(
        "mean_image", MeanImage(), ScaleObjective(), dood.TRAINING
    ),
}

BY_DATASET = {
    (name, "omniglot"): ("model.likelihood=normal",)
    for name in ("air", "difference_air")
}
"""Additional settings for a dataset, by preset and dataset."""
