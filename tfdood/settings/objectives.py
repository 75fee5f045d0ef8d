"""The settings of what the model families learn."""

import dataclasses

from tfdood.settings.bounds import (
    ABOVE_0,
    AT_LEAST_0,
    AT_LEAST_1,
    FRACTION,
    Choices,
    Interval,
)
from tfdood.settings.fields import setting


@dataclasses.dataclass(frozen=True)
class ScaleObjective:
    """The schedule of the pixel scale, which decreases during training."""

    scale_decay: float = setting(
        0.998,
        "Decay of the running pixel scale in each step.",
        Interval(0, 0.9999),
        only_if="model.pixel_scale=running",
    )
    scale_hold: float = setting(
        0.2,
        "Lower bound of the pixel scale at the start of training.",
        ABOVE_0,
        only_if="model.pixel_scale=running|canvas",
    )
    scale_hold_steps: int = setting(
        2_000,
        "Number of steps in which the bound stays `objective.scale_hold`.",
        AT_LEAST_0,
        only_if="model.pixel_scale=running|canvas",
    )
    scale_anneal_steps: int = setting(
        2_500,
        "Number of steps after `objective.scale_hold_steps` in which the bound "
        "decreases geometrically to `model.pixel_scale_floor`.",
        AT_LEAST_0,
        only_if="model.pixel_scale=running|canvas",
    )
    pixel_scale_learning_rate: float = setting(
        1e-4,
        "Learning rate for a learned pixel scale.",
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
        "learning signal of the presence. A scale that is read off the canvas "
        "has no part in either: its lower bound is used for all pixels.",
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
    presence_learning_rate: float = setting(
        0.0,
        "Learning rate for the network of q(presence); 0 for "
        "`training.learning_rate`. The paper (App. C.1) has 1e-3 for "
        "parameters whose gradient NVIL estimates; in the authors' code, only "
        "the baseline has it. `training.clip_norm` does not limit the gradient "
        "of a network with a learning rate of its own.",
        AT_LEAST_0,
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
        Interval(0, 0.9999),
        only_if="objective.presence_gradient=nvil",
    )
    baseline_learning_rate: float = setting(
        1e-3,
        "Learning rate for NVIL's baseline.",
        ABOVE_0,
        only_if="objective.presence_gradient=nvil",
    )


@dataclasses.dataclass(frozen=True)
class TypeObjective:
    """The objective of GNS's type prior: the likelihood of people's strokes."""

    dropout: float = setting(
        1.0,
        "Multiplies the dropout rates of the authors' code, which are 0.2 to "
        "0.5; 0 for no dropout.",
        FRACTION,
    )
    augmentation: float = setting(
        1.0,
        "Multiplies how far drawings are moved, scaled, turned and sheared at "
        "random, as a whole; 0 for no augmentation.",
        Interval(0, 4),
    )
    moment_decay: float = setting(
        0.99,
        "Decay, in each step, of the running moments of features, by which "
        "batch normalisation replaces those of a batch after training.",
        Interval(0, 0.9999),
    )
