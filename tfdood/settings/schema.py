"""All settings of a run: its model, its objective and its training.

Each setting is declared once: its default, its sentence, the values that it may
take, and the condition under which it has an effect. `tfdood.settings.text`
reads, changes and writes them.
"""

import dataclasses
from typing import Any, NamedTuple

from tfdood.settings import architectures, objectives, scenes
from tfdood.settings.bounds import (
    ABOVE_0,
    AT_LEAST_0,
    AT_LEAST_1,
    Choices,
    Interval,
)
from tfdood.settings.fields import setting

_MOST_SEEDS = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class Training:
    """The settings of the training loop (paper, App. C.1)."""

    dataset: str = setting(
        "quickdraw",
        "The dataset: one of `tfdood.data.NAMES` or `SCENES`, `all`, "
        "`arrow_like`, `omniglot_strokes`, `omniglot_strokes_recorded`, or "
        "`folder:PATH`.",
    )
    num_steps: int = setting(
        20_000, "Number of optimiser steps of the whole run.", AT_LEAST_1
    )
    batch_size: int = setting(
        64,
        "Number of drawings in each step, over all devices.",
        Interval(1, 65_536),
    )
    balanced: bool = setting(
        default=False,
        about="Whether all classes occur equally often; drawings of smaller "
        "classes are then repeated.",
    )
    optimizer: str = setting(
        "adam",
        "The optimiser: `adam`, or `rmsprop` with a decay of 0.99.",
        Choices(("adam", "rmsprop")),
    )
    learning_rate: float = setting(
        5e-4, "Learning rate of the optimiser.", ABOVE_0
    )
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
        "The largest global norm of the gradient of each parameter group that "
        "has no learning rate of its own; larger gradients are scaled down. 0 "
        "for no limit.",
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
        "Number of steps between two evaluations on validation drawings. An "
        "evaluation also draws figures.",
        AT_LEAST_1,
    )
    num_evaluation_images: int = setting(
        128, "Number of validation drawings in an evaluation.", AT_LEAST_1
    )
    num_evaluation_particles: int = setting(
        10,
        "Number of posterior samples of each validation drawing.",
        AT_LEAST_1,
    )
    checkpoint_every: int = setting(
        500, "Number of steps between two checkpoints.", AT_LEAST_1
    )

    keep_best: str = setting(
        "",
        "A measure of validation drawings. The weights of its best evaluation "
        "are kept, and exported: that with the largest elbo or iwae, or with "
        "the least of another measure; empty for the last weights.",
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
    model: architectures.Architecture
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
    "dood": Family(architectures.Dood, objectives.PresenceObjective),
    "dood_dr": Family(architectures.DoodDr, objectives.PresenceObjective),
    "air": Family(architectures.Air, objectives.PresenceObjective),
    "vae": Family(architectures.Vae, objectives.PixelObjective),
    "gns": Family(architectures.Gns, objectives.TypeObjective),
    "mean_image": Family(architectures.MeanImage, objectives.ScaleObjective),
    "gnm": Family(scenes.Gnm, scenes.SceneObjective),
    "scene_vae": Family(scenes.SceneVae, scenes.CodeObjective),
}
"""All model families by name. A new family adds a line here."""
