"""Presets of the models that DooD is compared with.

They have the encoder, the pixel scale, the exact sum over the number of
strokes, the collages and the budget of `dood`, so that they compare with it
after short runs. On KMNIST, Quick, Draw! and Omniglot `dood` has schedules of
its own.

`air`: AIR (Eslami et al., 2016). Up to six parts, each a code of 10 numbers
that an MLP paints into a glimpse of the canvas; parts add up, without bound.
One GRU infers them from the image alone; their prior is fixed, and continues
with probability 1/2; beta = 5. As in the authors' code, with these differences:
layout scales have means in (0.25, 1) and rotations in +-45 degrees, where
theirs are free (a scale can then grow or vanish until nothing is visible);
layouts start as the whole image, as in DooD, where theirs start anywhere; the
presence has an MLP of its own; parts start with less ink. The presence starts
at a logit of 1: at 3, six parts learned nothing. Omniglot takes normal pixels,
as in the authors' code. The published row for Omniglot is an ELBO of one sample
(k = 1), all others are IWAE-200: do not compare across.

`difference_air`: the same, but each part is inferred from the residual, the
image minus the canvas so far; this is the "AIR" of the paper's tables.

`vae`: one code with as many numbers as six of DooD's strokes (84), one Gaussian
each, and the decoder of `air`: no parts, no layouts, no number of strokes. It
is not in the paper; it is the lower end of the comparison.

`mean_image`: one image for the whole dataset. It sees nothing; what does not
beat it has learned nothing.
"""

import dataclasses

from tfdood.settings.presets import dood
from tfdood.settings.schema import (
    Air,
    Config,
    MeanImage,
    PixelObjective,
    ScaleObjective,
    Vae,
)

_OBJECTIVE = dataclasses.replace(dood.OURS, beta=5.0)
_AIR = Air(presence_bias=1.0, stroke_std_bias=0.0, execution_guided=False)

PRESETS = {
    "air": Config("air", _AIR, _OBJECTIVE),
    "difference_air": Config(
        "difference_air",
        dataclasses.replace(_AIR, execution_guided=True),
        _OBJECTIVE,
    ),
    "vae": Config(
        "vae",
        Vae(),
        PixelObjective(
            collages=dood.OURS.collages,
            signal_scale_floor=dood.OURS.signal_scale_floor,
        ),
    ),
    "mean_image": Config("mean_image", MeanImage(), ScaleObjective()),
}

BY_DATASET = {
    (name, "omniglot"): ("model.likelihood=normal",)
    for name in ("air", "difference_air")
}
"""Settings that a dataset needs besides, by preset and dataset."""
