"""All settings: one dataclass for each model family, objective and training.

Each setting is declared once, with its default, its description, its allowed
values, and the condition under which it has an effect. `tfdood.settings.text`
reads, changes and writes settings.
"""

import dataclasses
from typing import Any, NamedTuple

from tfdood.settings.bounds import (
    ABOVE_0,
    AT_LEAST_0,
    AT_LEAST_1,
    FRACTION,
    Bound,
    Choices,
    Interval,
)

_MOST_SEEDS = 2**31 - 1


def setting(
    default: Any,
    about: str,
    allowed: Bound | None = None,
    *,
    only_if: str = "",
    may_differ: bool = False,
) -> Any:
    """Declares a setting of a dataclass.

    Args:
        default: the default value.
        about: the meaning of the setting, in one sentence.
        allowed: the allowed values; by default all values of its type.
        only_if: a condition `path=value` on another setting. If the condition
            does not hold, this setting has no effect and must have its default
            value.
        may_differ: whether trained weights keep their meaning if this setting
            changes. A run may then start from weights that were trained with
            another value.

    Returns:
        A field of the dataclass.
    """
    metadata = {
        "about": about,
        "allowed": allowed,
        "only_if": only_if,
        "may_differ": may_differ,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class ImageModel:
    """The settings that all model families have."""

    name: str = setting("", "The model family.")
    image_size: int = setting(
        50, "Height and width of the images in pixels.", Interval(16, 1024)
    )
    likelihood: str = setting(
        "laplace",
        "The density of a pixel of the image; its mean is the canvas.",
        Choices(("laplace", "normal")),
    )
    pixel_scale: str = setting(
        "running",
        "The scale of the density of a pixel: `learned` is a trained value for "
        "each pixel; `running` is the running mean of the error of each pixel, "
        "which is the scale of maximum likelihood.",
        Choices(("learned", "running")),
    )
    pixel_scale_floor: float = setting(
        0.01,
        "The smallest pixel scale.",
        Interval(0, 1, is_open=True),
        may_differ=True,
    )


@dataclasses.dataclass(frozen=True)
class EncodedModel(ImageModel):
    """The settings of all families with an image encoder."""

    encoder: str = setting(
        "compact",
        "The image encoder: `compact` (patches, then one convolution) or "
        "`paper` (DooD, App. B.3).",
        Choices(("compact", "paper")),
    )
    encoder_dropout: float = setting(
        0.5,
        "Dropout rate of the feature map.",
        Interval(0, 0.99),
        only_if="model.encoder=paper",
        may_differ=True,
    )
    width: int = setting(
        256,
        "Number of units of embeddings, recurrent states and hidden layers.",
        Interval(1, 8192),
    )

    @property
    def has_dropout(self) -> bool:
        """Whether the encoder applies dropout in training."""
        return self.encoder == "paper" and self.encoder_dropout > 0.0


@dataclasses.dataclass(frozen=True)
class SequenceModel(EncodedModel):
    """The settings of all families that draw one stroke after the other."""

    glimpse_size: int = setting(
        30,
        "Height and width of glimpses in pixels. If it equals "
        "`model.image_size`, glimpses and images share one encoder; otherwise "
        "glimpses have an encoder of their own.",
        Interval(8, 1024),
    )
    num_strokes: int = setting(
        6,
        "`T`, the largest number of strokes of a drawing.",
        Interval(1, 100),
        may_differ=True,
    )
    presence_bias: float = setting(
        3.0, "Initial logit of q(presence).", may_differ=True
    )
    stroke_std_bias: float = setting(
        -2.0,
        "Initial offset of the logits of q(stroke)'s standard deviations. With "
        "0 (the authors' value), the standard deviations of control points are "
        "about 0.5; with -2, they are about 0.12.",
    )
    execution_guided: bool = setting(
        default=True,
        about="Whether each stroke is inferred and drawn from the canvas so "
        "far and from the residual, the image minus this canvas.",
    )


@dataclasses.dataclass(frozen=True)
class Dood(SequenceModel):
    """DooD: strokes are Bezier curves (paper, App. B.3)."""

    name: str = setting("dood", "The model family.", Choices(("dood",)))
    num_control_points: int = setting(
        5,
        "`K`; a stroke is a Bezier curve of degree K - 1.",
        Interval(2, 50),
    )
    num_curve_points: int = setting(
        100,
        "Number of points at which the rasteriser samples a curve.",
        Interval(2, 10_000),
        may_differ=True,
    )
    num_mixtures: int = setting(
        40, "Components of the layout and stroke priors.", AT_LEAST_1
    )
    min_blur: float = setting(
        0.005,
        "The smallest blur of the pen, in widths of the strokes' frame; the "
        "largest blur is 0.04.",
        Interval(0.001, 0.039),
        may_differ=True,
    )
    blur_bias: float = setting(
        -2.0, "Initial logit of the pen's blur.", may_differ=True
    )
    stroke_contrast_bias: float = setting(
        2.0, "Initial logit of the stroke contrast.", may_differ=True
    )
    canvas_contrast_bias: float = setting(
        -1.0, "Initial logit of the canvas contrast.", may_differ=True
    )
    prior: str = setting(
        "sequential",
        "`sequential` (learned, each stroke depends on those before it) or "
        "`independent` (fixed, the same for every stroke).",
        Choices(("sequential", "independent")),
    )
    stroke_frame: str = setting(
        "canvas",
        "The frame in which strokes are rasterised: `canvas` (the layout moves "
        "the control points to the canvas before they are rasterised) or "
        "`glimpse` (a stroke is rasterised in its own frame, and the layout "
        "warps the resulting image to the canvas).",
        Choices(("canvas", "glimpse")),
    )

    @property
    def stroke_shape(self) -> tuple[int, int]:
        """The shape of a stroke's latent: `K` points `(x, y)`."""
        return self.num_control_points, 2


@dataclasses.dataclass(frozen=True)
class DoodDr(SequenceModel):
    """DooD-dR: an MLP, not the renderer, paints each stroke (Sec. 3)."""

    name: str = setting("dood_dr", "The model family.", Choices(("dood_dr",)))
    code_size: int = setting(
        10,
        "`D`, the size of the code from which a stroke is painted, an even "
        "number. Each pair of numbers has the prior of a control point.",
        Interval(2, 100),
    )
    num_mixtures: int = setting(
        40, "Components of the layout and stroke priors.", AT_LEAST_1
    )
    canvas_contrast_bias: float = setting(
        -1.0, "Initial logit of the canvas contrast.", may_differ=True
    )
    ink_bias: float = setting(
        -4.0,
        "Initial logit of the painted ink. With -2, the value of the authors' "
        "AIR, six strokes make the whole canvas grey.",
    )
    prior: str = setting(
        "sequential",
        "`sequential` (learned, each stroke depends on those before it) or "
        "`independent` (fixed, the same for every stroke).",
        Choices(("sequential", "independent")),
    )

    @property
    def stroke_shape(self) -> tuple[int, int]:
        """The shape of a stroke's latent: `D / 2` pairs."""
        return self.code_size // 2, 2


@dataclasses.dataclass(frozen=True)
class Air(SequenceModel):
    """AIR and Difference-AIR: an MLP paints parts, and the parts are summed."""

    name: str = setting("air", "The model family.", Choices(("air",)))
    code_size: int = setting(
        10, "`D`, the size of the code of a part.", Interval(1, 100)
    )
    ink_bias: float = setting(
        -4.0,
        "Initial logit of the painted ink. With -2, the value of the authors' "
        "AIR, six parts make the whole canvas grey.",
    )


@dataclasses.dataclass(frozen=True)
class Vae(EncodedModel):
    """A VAE: one code for the whole drawing."""

    name: str = setting("vae", "The model family.", Choices(("vae",)))
    code_size: int = setting(
        84, "`D`, the size of the code.", Interval(1, 1000)
    )
    ink_bias: float = setting(-4.0, "Initial logit of the painted ink.")


@dataclasses.dataclass(frozen=True)
class MeanImage(ImageModel):
    """A trained image, the same for the whole dataset."""

    name: str = setting(
        "mean_image", "The model family.", Choices(("mean_image",))
    )


@dataclasses.dataclass(frozen=True)
class ScaleObjective:
    """The schedule of the pixel scale, which decreases during training."""

    scale_decay: float = setting(
        0.998, "Decay of the running pixel scale in each step.", FRACTION
    )
    scale_hold: float = setting(
        0.2,
        "Lower bound of the running pixel scale at the start of training.",
        ABOVE_0,
    )
    scale_hold_steps: int = setting(
        1_800,
        "Number of steps in which the bound stays `objective.scale_hold`.",
        AT_LEAST_0,
    )
    scale_anneal_steps: int = setting(
        1_700,
        "Number of steps after `objective.scale_hold_steps` in which the bound "
        "decreases geometrically to `model.pixel_scale_floor`.",
        AT_LEAST_0,
    )
    pixel_scale_learning_rate: float = setting(
        1e-4,
        "Learning rate of Adam for a learned pixel scale.",
        ABOVE_0,
        only_if="model.pixel_scale=learned",
    )


@dataclasses.dataclass(frozen=True)
class PixelObjective(ScaleObjective):
    """The objective of models with a posterior."""

    num_particles: int = setting(
        1,
        "Number of posterior samples of each image in a training step.",
        AT_LEAST_1,
    )
    collages: float = setting(
        0.0,
        "Share of each batch that is replaced by collages, an augmentation. A "
        "collage shows two drawings of the batch. The number of collages is "
        "rounded on each device. The recognition model learns from collages; "
        "the prior does not.",
        Interval(0, 0.9),
        only_if="objective.presence_gradient=exact",
    )
    signal_scale_floor: float = setting(
        0.0,
        "Lower bound of the pixel scale in the loss of collages and in the "
        "learning signal of the presence.",
        AT_LEAST_0,
    )
    smoothing: float = setting(
        0.0,
        "Initial standard deviation, in pixels, of the Gaussian blur that the "
        "loss applies to the image and the canvas; 0 for no blur.",
        AT_LEAST_0,
    )
    smoothing_steps: int = setting(
        1_000,
        "Number of steps in which this standard deviation decreases linearly "
        "to 0. In these steps, the ELBO in the training metrics is the ELBO of "
        "blurred images.",
        AT_LEAST_0,
    )


@dataclasses.dataclass(frozen=True)
class PresenceObjective(PixelObjective):
    """The objective of models that infer the number of strokes."""

    presence_gradient: str = setting(
        "exact",
        "The estimator of the gradient of q(presence): `exact` (a sum over all "
        "numbers of strokes) or `nvil` (the score function with control "
        "variates, as in the paper).",
        Choices(("exact", "nvil")),
    )
    beta: float = setting(
        4.0,
        "Divides log p(x | z) in the learning signal of the presence; a larger "
        "value raises the cost of a stroke, so that drawings have fewer "
        "strokes.",
        ABOVE_0,
    )
    presence_warmup_steps: int = setting(
        0,
        "The step from which the number of strokes is learned. Before this "
        "step, `model.presence_bias` determines it.",
        AT_LEAST_0,
    )
    nvil_decay: float = setting(
        0.8,
        "Decay of the running mean and variance of NVIL's learning signal.",
        FRACTION,
        only_if="objective.presence_gradient=nvil",
    )
    baseline_learning_rate: float = setting(
        1e-3,
        "Learning rate of Adam for NVIL's baseline.",
        ABOVE_0,
        only_if="objective.presence_gradient=nvil",
    )


@dataclasses.dataclass(frozen=True)
class Training:
    """The settings of the training loop (paper, App. C.1)."""

    dataset: str = setting(
        "quickdraw", "The dataset, one of `tfdood.data.NAMES`."
    )
    num_steps: int = setting(
        20_000, "Number of optimiser steps of the whole run.", AT_LEAST_1
    )
    batch_size: int = setting(
        64, "Number of drawings in each step, over all devices.", AT_LEAST_1
    )
    balanced: bool = setting(
        default=False,
        about="Whether all classes occur equally often; drawings of smaller "
        "classes are then repeated.",
    )
    learning_rate: float = setting(5e-4, "Learning rate of Adam.", ABOVE_0)
    warmup_steps: int = setting(
        0,
        "Number of steps at the start in which the learning rates increase "
        "linearly.",
        AT_LEAST_0,
    )
    decay_steps: int = setting(
        10_000,
        "Number of steps at the end in which the learning rates decrease to 0 "
        "(half a cosine), at most half of the run; 0 for constant rates.",
        AT_LEAST_0,
    )
    clip_norm: float = setting(
        0.0,
        "The largest global norm of the model's gradient; larger gradients are "
        "scaled down. 0 for no limit.",
        AT_LEAST_0,
    )
    start_from: str = setting(
        "",
        "Trained weights to start from: the folder of another run, or "
        "`pretrained:NAME`; empty for random weights.",
    )
    seed: int = setting(
        0,
        "Seed of the weights, the order of the data and all sampling.",
        Interval(0, _MOST_SEEDS),
    )
    jit_compile: bool = setting(
        default=False,
        about="Whether XLA compiles the step. XLA draws other random numbers.",
    )
    source: str = setting(
        "", "The source of the drawings; the run writes this setting itself."
    )
    log_every: int = setting(
        50,
        "Number of steps between two records of the training metrics.",
        AT_LEAST_1,
    )
    evaluate_every: int = setting(
        1_000,
        "Number of steps between two evaluations on held-out drawings. An "
        "evaluation also draws figures.",
        AT_LEAST_1,
    )
    num_evaluation_images: int = setting(
        128, "Number of held-out drawings in an evaluation.", AT_LEAST_1
    )
    num_evaluation_particles: int = setting(
        10,
        "Number of posterior samples of each held-out drawing.",
        AT_LEAST_1,
    )
    checkpoint_every: int = setting(
        500, "Number of steps between two checkpoints.", AT_LEAST_1
    )

    @property
    def learnt_from(self) -> str:
        """The source of the training drawings and of the first weights."""
        if not self.start_from:
            return self.source
        return f"{self.source}, starting from {self.start_from}"


@dataclasses.dataclass(frozen=True)
class Config:
    """All settings of a run; they identify the run.

    Attributes:
        preset: the name of the preset.
        model: settings of the architecture, of a family in `FAMILIES`.
        objective: settings of the objective of this family.
        training: settings of the training loop.
    """

    preset: str
    model: ImageModel
    objective: Any
    training: Training = Training()


class Family(NamedTuple):
    """The settings classes of a model family.

    Attributes:
        model: the dataclass of the architecture.
        objective: the dataclass of the objective.
    """

    model: type
    objective: type


FAMILIES = {
    "dood": Family(Dood, PresenceObjective),
    "dood_dr": Family(DoodDr, PresenceObjective),
    "air": Family(Air, PresenceObjective),
    "vae": Family(Vae, PixelObjective),
    "mean_image": Family(MeanImage, ScaleObjective),
}
"""All model families by name. A new family adds a line here."""
