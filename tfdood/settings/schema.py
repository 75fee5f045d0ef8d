"""All settings: one dataclass for each model family, objective and training.

Each setting is declared once: its default, its sentence, the values that it may
take, and the condition under which it has an effect. `tfdood.settings.text`
reads, changes and writes them.
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
        default: its value if nothing else is said.
        about: what it means, in a sentence.
        allowed: the values that it may take.
        only_if: `path=value` of another setting, without which this one has no
            effect. Its value must then stay the default.
        may_differ: whether trained weights keep their meaning when it changes,
            so that a run may start from weights with another value.
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
    """What all models of images have in common; not a family by itself."""

    name: str = setting("", "The model family.")
    image_size: int = setting(
        50, "Height and width of the images in pixels.", Interval(16, 1024)
    )
    likelihood: str = setting(
        "laplace",
        "The density of a pixel around the canvas.",
        Choices(("laplace", "normal")),
    )
    pixel_scale: str = setting(
        "running",
        "The scale of that density: `learned` is one trained value a pixel; "
        "`running` is the running mean of the pixel's error, its scale of "
        "maximum likelihood.",
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
    """Models with an image encoder; not a family by itself."""

    encoder: str = setting(
        "compact",
        "The image encoder: `compact` (patches, then one convolution) or "
        "`paper` (DooD, App. B.3).",
        Choices(("compact", "paper")),
    )
    encoder_dropout: float = setting(
        0.5,
        "Rate of dropout on the feature map.",
        Interval(0, 0.99),
        only_if="model.encoder=paper",
        may_differ=True,
    )
    width: int = setting(
        256,
        "Units of embeddings, recurrent states and hidden layers.",
        Interval(1, 8192),
    )

    @property
    def has_dropout(self) -> bool:
        """Whether training drops features."""
        return self.encoder == "paper" and self.encoder_dropout > 0.0


@dataclasses.dataclass(frozen=True)
class SequenceModel(EncodedModel):
    """Models that draw stroke after stroke; not a family by itself."""

    glimpse_size: int = setting(
        30,
        "Height and width of glimpses in pixels. Glimpses of the size of the "
        "image share the image's encoder; others have their own.",
        Interval(8, 1024),
    )
    num_strokes: int = setting(
        6,
        "`T`, the most strokes a drawing may have.",
        Interval(1, 100),
        may_differ=True,
    )
    presence_bias: float = setting(
        3.0, "Initial logit of q(presence).", may_differ=True
    )
    stroke_std_bias: float = setting(
        -2.0,
        "Initial offset of the logits of q(stroke)'s standard deviations: 0 "
        "gives control points about 0.5 (the authors' value), -2 gives 0.12.",
    )
    execution_guided: bool = setting(
        default=True,
        about="Whether each stroke is inferred and drawn from the canvas so "
        "far and from what it leaves to draw.",
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
        "Points at which the rasteriser samples a curve.",
        Interval(2, 10_000),
        may_differ=True,
    )
    num_mixtures: int = setting(
        40, "Components of the layout and stroke priors.", AT_LEAST_1
    )
    min_blur: float = setting(
        0.005,
        "The pen's smallest blur, in widths of the strokes' frame; the largest "
        "is 0.04.",
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
        "Where strokes are rasterised: on the `canvas`, after the layout has "
        "moved their points, or in the stroke's own `glimpse`, whose raster "
        "the layout then warps.",
        Choices(("canvas", "glimpse")),
    )

    @property
    def stroke_shape(self) -> tuple[int, int]:
        """The shape of a stroke's latent, `K` points."""
        return self.num_control_points, 2


@dataclasses.dataclass(frozen=True)
class DoodDr(SequenceModel):
    """DooD-dR: an MLP paints each stroke, in place of the renderer (Sec. 3)."""

    name: str = setting("dood_dr", "The model family.", Choices(("dood_dr",)))
    code_size: int = setting(
        10,
        "`D`, an even number: the numbers that a stroke is painted from. They "
        "come in pairs with the prior that control points have.",
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
        "Initial logit of the painted ink. The authors' AIR has -2, with which "
        "six strokes paint the whole canvas grey.",
    )
    prior: str = setting(
        "sequential",
        "`sequential` (learned, each stroke depends on those before it) or "
        "`independent` (fixed, the same for every stroke).",
        Choices(("sequential", "independent")),
    )

    @property
    def stroke_shape(self) -> tuple[int, int]:
        """The shape of a stroke's latent, `D / 2` pairs."""
        return self.code_size // 2, 2


@dataclasses.dataclass(frozen=True)
class Air(SequenceModel):
    """AIR and Difference-AIR: painted parts that add up."""

    name: str = setting("air", "The model family.", Choices(("air",)))
    code_size: int = setting(
        10, "`D`, the numbers that a part is painted from.", Interval(1, 100)
    )
    ink_bias: float = setting(
        -4.0,
        "Initial logit of the painted ink. The authors' AIR has -2, with which "
        "six parts paint the whole canvas grey.",
    )


@dataclasses.dataclass(frozen=True)
class Vae(EncodedModel):
    """A VAE: one code for the whole drawing."""

    name: str = setting("vae", "The model family.", Choices(("vae",)))
    code_size: int = setting(
        84, "`D`, the numbers of the code.", Interval(1, 1000)
    )
    ink_bias: float = setting(-4.0, "Initial logit of the painted ink.")


@dataclasses.dataclass(frozen=True)
class MeanImage(ImageModel):
    """One image for the whole dataset."""

    name: str = setting(
        "mean_image", "The model family.", Choices(("mean_image",))
    )


@dataclasses.dataclass(frozen=True)
class ScaleObjective:
    """How the pixel scale of a model of canvases sharpens."""

    scale_decay: float = setting(
        0.998, "Decay of the running pixel scale, a step.", FRACTION
    )
    scale_hold: float = setting(
        0.2,
        "Lower bound of the running pixel scale at the start.",
        ABOVE_0,
    )
    scale_hold_steps: int = setting(
        1_800, "Steps for which that bound is held.", AT_LEAST_0
    )
    scale_anneal_steps: int = setting(
        1_700,
        "Steps over which the bound then falls geometrically to "
        "`model.pixel_scale_floor`.",
        AT_LEAST_0,
    )
    pixel_scale_learning_rate: float = setting(
        1e-4,
        "Adam's learning rate for a learned pixel scale.",
        ABOVE_0,
        only_if="model.pixel_scale=learned",
    )


@dataclasses.dataclass(frozen=True)
class PixelObjective(ScaleObjective):
    """What models with a posterior learn."""

    num_particles: int = setting(
        1, "Posterior samples an image in a training step.", AT_LEAST_1
    )
    collages: float = setting(
        0.0,
        "Share of each batch, rounded on each device, that is replaced by "
        "collages of two of its drawings (augmentation). The recognition model "
        "learns from them, the prior does not.",
        Interval(0, 0.9),
        only_if="objective.presence_gradient=exact",
    )
    signal_scale_floor: float = setting(
        0.0,
        "The smallest pixel scale in the loss of collages and in the learning "
        "signal of the presence.",
        AT_LEAST_0,
    )
    smoothing: float = setting(
        0.0,
        "Initial standard deviation, in pixels, of the Gaussian blur that is "
        "applied to image and canvas in the loss; 0 applies none.",
        AT_LEAST_0,
    )
    smoothing_steps: int = setting(
        1_000,
        "Steps over which that standard deviation falls linearly to 0. Until "
        "then, the ELBO in the training metrics is that of blurred images.",
        AT_LEAST_0,
    )


@dataclasses.dataclass(frozen=True)
class PresenceObjective(PixelObjective):
    """The same for models that decide how many strokes they draw."""

    presence_gradient: str = setting(
        "exact",
        "The gradient of q(presence): `exact` (a sum over the number of "
        "strokes) or `nvil` (the score function with control variates, as in "
        "the paper).",
        Choices(("exact", "nvil")),
    )
    beta: float = setting(
        4.0,
        "Divides log p(x | z) in the learning signal of the presence; a larger "
        "value makes strokes dearer.",
        ABOVE_0,
    )
    presence_warmup_steps: int = setting(
        0,
        "The number of strokes is not learned before this step; until then "
        "`model.presence_bias` decides it.",
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
        "Adam's learning rate for NVIL's baseline.",
        ABOVE_0,
        only_if="objective.presence_gradient=nvil",
    )


@dataclasses.dataclass(frozen=True)
class Training:
    """The training loop (paper, App. C.1)."""

    dataset: str = setting("quickdraw", "A dataset known to `tfdood.data`.")
    num_steps: int = setting(
        20_000, "Optimiser steps of the whole run.", AT_LEAST_1
    )
    batch_size: int = setting(
        64, "Drawings a step, over all devices.", AT_LEAST_1
    )
    balanced: bool = setting(
        default=False,
        about="Whether all classes are drawn equally often; drawings of the "
        "smaller classes are then repeated.",
    )
    learning_rate: float = setting(5e-4, "Adam's learning rate.", ABOVE_0)
    warmup_steps: int = setting(
        0,
        "Steps over which the learning rates rise linearly at the start.",
        AT_LEAST_0,
    )
    decay_steps: int = setting(
        10_000,
        "The learning rates fall to zero (cosine) over the last steps of the "
        "run, at most half of it; 0 keeps them constant.",
        AT_LEAST_0,
    )
    clip_norm: float = setting(
        0.0,
        "The model's gradient is scaled down to this global norm; 0 leaves it "
        "as it is.",
        AT_LEAST_0,
    )
    start_from: str = setting(
        "",
        "Trained weights to start from: the folder of another run, or "
        "`pretrained:NAME`. Empty for random weights.",
    )
    seed: int = setting(
        0,
        "Seed of the weights, the order of the data and all sampling.",
        Interval(0, _MOST_SEEDS),
    )
    jit_compile: bool = setting(
        default=False,
        about="Whether XLA compiles the step; its random numbers differ.",
    )
    source: str = setting(
        "", "Where the drawings came from; the run writes this itself."
    )
    log_every: int = setting(
        50, "Steps between records of the training metrics.", AT_LEAST_1
    )
    evaluate_every: int = setting(
        1_000,
        "Steps between evaluations on held-out drawings, with figures.",
        AT_LEAST_1,
    )
    num_evaluation_images: int = setting(
        128, "Held-out drawings in an evaluation.", AT_LEAST_1
    )
    num_evaluation_particles: int = setting(
        10, "Posterior samples of each held-out drawing.", AT_LEAST_1
    )
    checkpoint_every: int = setting(
        500, "Steps between checkpoints.", AT_LEAST_1
    )

    @property
    def learnt_from(self) -> str:
        """The drawings that the weights were trained on, and their start."""
        if not self.start_from:
            return self.source
        return f"{self.source}, starting from {self.start_from}"


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that identifies a run.

    Attributes:
        preset: the name of the preset that it started from.
        model: settings of the architecture, of a family in `FAMILIES`.
        objective: settings of what that family learns.
        training: settings of the training loop.
    """

    preset: str
    model: ImageModel
    objective: Any
    training: Training = Training()


class Family(NamedTuple):
    """The settings of a model family.

    Attributes:
        model: the dataclass of the architecture.
        objective: the dataclass of what it learns.
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
"""All model families by name. A new model adds a line here."""
