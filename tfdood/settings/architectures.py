"""The settings of architectures: one dataclass for each model family."""

import dataclasses

from tfdood.settings.bounds import (
    AT_LEAST_1,
    Choices,
    Interval,
)
from tfdood.settings.fields import setting


@dataclasses.dataclass(frozen=True)
class Architecture:
    """The settings that all model families have."""

    name: str = setting("", "The model family.")
    image_size: int = setting(
        50, "Height and width of the images in pixels.", Interval(16, 1024)
    )

    @property
    def num_channels(self) -> int:
        """Channels of the images: 1 if they are grey, 3 in colours."""
        return 1


@dataclasses.dataclass(frozen=True)
class ImageModel(Architecture):
    """The settings of all families with a density around a canvas."""

    likelihood: str = setting(
        "laplace",
        "The density of a pixel of the image; its mean is the canvas.",
        Choices(("laplace", "normal")),
    )
    pixel_scale: str = setting(
        "running",
        "The scale of the density of a pixel: `learned` is a trained value for "
        "each position; `running` is the running mean of the error at each "
        "position, which is the scale of maximum likelihood; `canvas` is a "
        "function of the canvas around the pixel.",
        Choices(("learned", "running", "canvas")),
    )
    pixel_scale_window: int = setting(
        5,
        "Height and width, in pixels, of the window of the canvas on which a "
        "pixel's scale depends.",
        Interval(1, 15),
        only_if="model.pixel_scale=canvas",
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
        "patches",
        "The image encoder: `patches` (patches of patches, without "
        "convolutions; glimpses of target and residual are encoded together) "
        "or `paper` (DooD, App. B.3).",
        Choices(("patches", "paper")),
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
        5.0, "Initial logit of q(presence).", may_differ=True
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
        40,
        "Components of the layout and stroke priors.",
        AT_LEAST_1,
        only_if="model.prior=sequential",
    )
    min_blur: float = setting(
        0.005,
        "The smallest blur of the pen, in widths of the canvas (or of the "
        "stroke's frame, with stroke_frame=glimpse); the largest is 0.04.",
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

    token: str = setting(
        "code",
        "How new exemplars of a character differ from it: as in the authors' "
        "`code`, or as in the `text` of the paper (App. B.4). Also how far "
        "fits of one-shot classification go, where `code` has values of our "
        "own. `tfdood.models.common.token` has both.",
        Choices(("code", "text")),
        may_differ=True,
    )
    refinement_steps: int = setting(
        60,
        "Steps of gradient ascent in the signature `reconstruct_refined`.",
        Interval(0, 1000),
        may_differ=True,
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
        40,
        "Components of the layout and stroke priors.",
        AT_LEAST_1,
        only_if="model.prior=sequential",
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
class Gns(Architecture):
    """GNS: strokes are B-splines, drawn by a prior that people taught."""

    name: str = setting("gns", "The model family.", Choices(("gns",)))
    image_size: int = setting(
        105,
        "Height and width, in pixels, of the images that it draws; its "
        "networks see 28 x 28 pixels. Lines are about three pixels wide at "
        "every size, as in the images of Omniglot, which have 105.",
        Interval(16, 1024),
        may_differ=True,
    )
    num_strokes: int = setting(
        10,
        "`T`, the largest number of strokes of a new character.",
        Interval(1, 100),
        may_differ=True,
    )
    num_control_points: int = setting(
        50,
        "`N`, the largest number of control points of a new stroke.",
        Interval(2, 100),
        may_differ=True,
    )
    num_mixtures: int = setting(
        20,
        "Components of the mixtures over starts and over offsets.",
        AT_LEAST_1,
    )
