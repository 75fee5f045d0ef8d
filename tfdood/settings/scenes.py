"""The settings of models of scenes: architectures and objectives."""

import dataclasses

from tfdood.settings.architectures import Architecture
from tfdood.settings.bounds import (
    ABOVE_0,
    AT_LEAST_0,
    AT_LEAST_1,
    Choices,
    Interval,
)
from tfdood.settings.fields import setting


@dataclasses.dataclass(frozen=True)
class SceneModel(Architecture):
    """The settings of all families with a code of the whole scene."""

    image_size: int = setting(
        128,
        "Height and width of the images in pixels: `model.grid_size` times a "
        "power of two. A decoder of whole images needs a power of two: that of "
        "`scene_vae`, and with `model.colours=rgb` that of the background.",
        Interval(16, 1024),
    )
    colours: str = setting(
        "grey",
        "`grey`, or `rgb` for images with three channels. With `rgb`, a model "
        "of objects has a background, and near objects hide far ones.",
        Choices(("grey", "rgb")),
    )
    grid_size: int = setting(
        4, "Number of cells along each axis of the image.", Interval(1, 32)
    )
    width: int = setting(
        64, "Channels of all feature maps on the grid.", AT_LEAST_1
    )
    hidden_width: int = setting(
        512,
        "Units of the hidden layers of the scene's code.",
        AT_LEAST_1,
        only_if="model.scene_prior=mlp|gaussian",
    )
    scene_prior: str = setting(
        "mlp",
        "The prior of the scene's code: `mlp` (several levels, each from an "
        "MLP of all cells), `convolutional` (several levels of maps, each from "
        "3 x 3 convolutions) or `gaussian` (one code with a standard normal "
        "prior).",
        Choices(("mlp", "convolutional", "gaussian")),
    )
    num_levels: int = setting(
        4,
        "`L`, the number of levels of the scene's code; `gaussian` has one "
        "code as large as the codes of all levels.",
        Interval(1, 64),
    )
    level_size: int = setting(
        32,
        "Size of a level's code; with `convolutional`, of its code in each "
        "cell.",
        AT_LEAST_1,
    )
    std_floor: float = setting(
        1e-3,
        "The smallest standard deviation of a latent. The authors have none.",
        ABOVE_0,
        may_differ=True,
    )
    pixel_std: float = setting(
        0.2,
        "Standard deviation of a pixel of the image around the canvas.",
        ABOVE_0,
        may_differ=True,
    )

    @property
    def in_colour(self) -> bool:
        """Whether images have three channels."""
        return self.colours == "rgb"

    @property
    def num_channels(self) -> int:
        """See `Architecture.num_channels`."""
        return 3 if self.in_colour else 1

    @property
    def num_cells(self) -> int:
        """`K`, the number of cells of the grid."""
        return self.grid_size**2

    @property
    def code_size(self) -> int:
        """`C`, how many numbers the scene's code has, in all levels."""
        is_map = self.scene_prior == "convolutional"
        places = self.num_cells if is_map else 1
        return self.num_levels * self.level_size * places


@dataclasses.dataclass(frozen=True)
class Gnm(SceneModel):
    """GNM: a grid of cells, each with an object, and a code of the scene."""

    name: str = setting("gnm", "The model family.", Choices(("gnm",)))
    object_size: int = setting(
        32,
        "Height and width of the picture of an object before it is placed: a "
        "power of two, at least 4.",
        Interval(4, 256),
    )
    what_size: int = setting(
        20,
        "Size of z_what, the code of what an object looks like.",
        AT_LEAST_1,
    )
    background_size: int = setting(
        10,
        "Size of the code of the background.",
        AT_LEAST_1,
        only_if="model.colours=rgb",
    )
    object_bias: float = setting(
        -2.5,
        "Initial logit of the pixels of an object, with colours also of their "
        "opacity. With 0, objects without colours start grey, and the "
        "posterior learns to switch them off.",
        may_differ=True,
    )
    generated_scene: str = setting(
        "mode",
        "Generated scenes have the `mode` of all latents of cells and of the "
        "background given a sample of the scene's code, as in the paper, or a "
        "`sample` of them.",
        Choices(("mode", "sample")),
        may_differ=True,
    )


@dataclasses.dataclass(frozen=True)
class SceneVae(SceneModel):
    """ConvDRAW and the VAE of scenes: a code of the scene, drawn as pixels."""

    name: str = setting(
        "scene_vae", "The model family.", Choices(("scene_vae",))
    )
    hidden_width: int = setting(
        512,
        "Units of the hidden layers of the scene's code.",
        AT_LEAST_1,
        only_if="model.scene_prior=mlp",
    )
    pixel_bias: float = setting(
        -2.5, "Initial logit of the pixels of the canvas.", may_differ=True
    )


@dataclasses.dataclass(frozen=True)
class CodeObjective:
    """The objective of models with a code of the whole scene."""

    beta: float = setting(
        1.0, "Weight of the KL divergence of the scene's code.", ABOVE_0
    )
    beta_steps: int = setting(
        100_000,
        "Number of steps in which this weight rises linearly from 0.",
        AT_LEAST_0,
    )


@dataclasses.dataclass(frozen=True)
class SceneObjective(CodeObjective):
    """The objective of GNM: weights of its KL divergences, and schedules."""

    learns: str = setting(
        "all",
        "What learns: `all` networks, or those of the `scene_code` alone, in a "
        "run that starts from trained weights (`training.start_from`). Of the "
        "settings of the objective, those of the code then have an effect.",
        Choices(("all", "scene_code")),
    )
    temperature_start: float = setting(
        1.0, "Temperature of the relaxed presence at the start.", ABOVE_0
    )
    temperature_end: float = setting(
        0.5, "Temperature of the relaxed presence at the end.", ABOVE_0
    )
    temperature_hold_steps: int = setting(
        1_000,
        "The step from which the temperature changes linearly.",
        AT_LEAST_0,
    )
    temperature_steps: int = setting(
        20_000, "The step at which the temperature is at its end.", AT_LEAST_0
    )
    rate_start: float = setting(
        0.1,
        "Probability of an object in a cell in the auxiliary prior, at the "
        "start.",
        Interval(1e-6, 1 - 1e-6),
    )
    rate_end: float = setting(
        0.001, "The same probability at the end.", Interval(1e-6, 1 - 1e-6)
    )
    rate_steps: int = setting(
        4_000,
        "Number of steps in which the probability changes linearly.",
        AT_LEAST_0,
    )
    scale_mean: float = setting(
        -1.6,
        "Mean of the logit of an object's scale in the auxiliary prior.",
        Interval(-10, 10),
    )
    scale_std: float = setting(
        0.1, "Standard deviation of this logit.", ABOVE_0
    )
    ratio_std: float = setting(
        0.3,
        "Standard deviation of the logarithm of an object's height over its "
        "width in the auxiliary prior.",
        ABOVE_0,
    )
    what_start: float = setting(
        1.0,
        "Weight of the two KL divergences of z_what at the start; it is 1 at "
        "the end.",
        AT_LEAST_0,
    )
    what_steps: int = setting(
        0,
        "Number of steps in which this weight changes linearly.",
        AT_LEAST_0,
    )
    where_start: float = setting(
        1.0,
        "Weight of the auxiliary KL divergence of z_where at the start; it is "
        "1 at the end.",
        AT_LEAST_0,
    )
    where_steps: int = setting(
        0,
        "Number of steps in which this weight changes linearly.",
        AT_LEAST_0,
    )
    background_start: float = setting(
        1.0,
        "Weight of the auxiliary KL divergence of the background's code at "
        "the start; it is 1 at the end.",
        AT_LEAST_0,
        only_if="model.colours=rgb",
    )
    background_steps: int = setting(
        0,
        "Number of steps in which this weight changes linearly.",
        AT_LEAST_0,
        only_if="model.colours=rgb",
    )
    opaque_steps: int = setting(
        0,
        "Number of steps at the start in which objects cover 0.9 of every "
        "pixel, so that the background is not all that learns.",
        AT_LEAST_0,
        only_if="model.colours=rgb",
    )
    hold_steps: int = setting(
        0,
        "Number of steps at the start in which the posterior does not choose "
        "the presences: all objects are present in the `opaque_steps`, and "
        "then a fair coin decides, so that the background learns where they "
        "are absent.",
        AT_LEAST_0,
        only_if="model.colours=rgb",
    )
