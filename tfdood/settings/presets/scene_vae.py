"""Presets of the baselines of GNM: scenes as one code, without objects.

All have the image encoder, the density of pixels, the weight of the code's
divergence and the training of `gnm`, at 64 x 64 pixels, so that their nats and
their samples compare with those of `gnm` (Jiang and Ahn, 2020, Sec. 4 and App.
D.2; the authors' code of them is not published).

`convdraw` is ConvDRAW (Gregor et al., 2016) with four levels, `convdraw_8` with
eight. `convdraw_mlp` (Table 2) is the code of GNM, StructDRAW, with its MLPs.
`scene_vae` is a VAE: one code of 128 numbers.

Weights in millions, without colours and, for `arrow_like`, with them; at 128 x
128 pixels beside those of the paper's Table 5, and as the presets are:

    preset               paper       128 x 128     64 x 64
    convdraw             1.5, 4.7    1.58, 4.57    1.47, 4.16
    convdraw_mlp                     3.04, 6.83    2.94, 6.42
    scene_vae            1.5, 1.5    1.37, 1.81    1.26, 1.40
    gnm                  2.9, 8.6    2.93, 8.64    2.83, 8.22

Sizes that the text leaves open are chosen in `models.baselines.scene_codes`.
Canvases start dark, as the objects of `gnm` do.
"""

from tfdood.settings.presets import gnm
from tfdood.settings.scenes import CodeObjective, SceneVae
from tfdood.settings.schema import Config

_GNM = gnm.PRESETS["gnm"]
_SHARED = ("image_size", "pixel_std")


def _preset(name: str, **changes: object) -> Config:
    shared = {field: getattr(_GNM.model, field) for field in _SHARED}
    return Config(
        name,
        SceneVae(**shared, **changes),
        CodeObjective(_GNM.objective.beta, _GNM.objective.beta_steps),
        _GNM.training,
    )


PRESETS = {
    "convdraw": _preset("convdraw", scene_prior="convolutional"),
    "convdraw_8": _preset(
        "convdraw_8", scene_prior="convolutional", num_levels=8
    ),
    "convdraw_mlp": _preset("convdraw_mlp", scene_prior="mlp"),
    "scene_vae": _preset("scene_vae", scene_prior="gaussian"),
}

BY_DATASET = {
    (name, "arrow_like"): ("model.colours=rgb", "model.width=128")
    for name in PRESETS
}
"""Additional settings for a dataset, by preset and dataset."""
