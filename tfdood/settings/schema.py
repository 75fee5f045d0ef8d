"""Configurations: frozen dataclasses that describe a run.

`tfdood.settings.text` reads, changes and writes them.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The architecture (paper, App. B.3; where silent, the authors' code).

    Attributes:
        name: the model family, a key of `tfdood.models.MODELS`.
        image_size: height and width of the images in pixels.
        glimpse_size: height and width of glimpses in pixels; glimpses of the
            size of the image share the image's encoder, others have their own.
        num_strokes: `T`, the most strokes a drawing may have.
        num_control_points: `K`; strokes are Bezier curves of degree K - 1.
        num_curve_points: points sampled along a curve by the rasteriser.
        encoder: `compact` (patches, then a convolution) or `paper` (App. B.3).
        encoder_dropout: rate of dropout on the paper encoder's feature map.
        width: units of embeddings, recurrent states and hidden layers.
        num_mixtures: components of the layout and stroke priors.
        presence_bias: initial logit of q(presence).
        stroke_std_bias: added to the logits of the standard deviations of
            q(control points); 0 starts them at about 0.5, the scribbles of
            the authors' code.
        min_blur: the pen's smallest blur, in widths of the strokes' frame;
            the largest is 0.04.
        blur_bias: initial logit of the pen's blur.
        stroke_contrast_bias: initial logit of the stroke contrast.
        canvas_contrast_bias: initial logit of the canvas contrast.
        ink_bias: initial logit of the ink of neural decoders; the authors' AIR
            has -2, with which six strokes make the canvas grey.
        likelihood: `laplace` or `normal` pixels.
        pixel_scale: `learned` (one trained value a pixel) or `running` (the
            scale of maximum likelihood: the running mean absolute error of
            the pixel for `laplace`, root mean square for `normal`).
        pixel_scale_floor: the smallest pixel scale.
        prior: `sequential` (learned, stroke after stroke) or `independent`
            (fixed, the same for every stroke).
        execution_guided: whether each stroke is guessed and drawn with the
            canvas so far, and what it leaves to draw, in sight.
        decoder: what turns a stroke into ink: `spline` (a Bezier curve and a
            pen) or `neural` (an MLP, for which the `2 K` numbers that else are
            control points are a code).
        stroke_frame: where splines are rasterised: on the `canvas`, their
            points moved, or in the `glimpse`, their raster warped.
    """

    name: str = "dood"
    image_size: int = 50
    glimpse_size: int = 30
    num_strokes: int = 6
    num_control_points: int = 5
    num_curve_points: int = 100
    encoder: str = "compact"
    encoder_dropout: float = 0.5
    width: int = 256
    num_mixtures: int = 40
    presence_bias: float = 3.0
    stroke_std_bias: float = -2.0
    min_blur: float = 0.005
    blur_bias: float = -2.0
    stroke_contrast_bias: float = 2.0
    canvas_contrast_bias: float = -1.0
    ink_bias: float = -4.0
    likelihood: str = "laplace"
    pixel_scale: str = "running"
    pixel_scale_floor: float = 0.01
    prior: str = "sequential"
    execution_guided: bool = True
    decoder: str = "spline"
    stroke_frame: str = "canvas"

    @property
    def has_curves(self) -> bool:
        """Whether strokes are curves, and not codes that a network draws."""
        return self.decoder == "spline"

    @property
    def has_dropout(self) -> bool:
        """Whether training drops features."""
        return self.encoder == "paper" and self.encoder_dropout > 0.0


@dataclasses.dataclass(frozen=True)
class ObjectiveConfig:
    """The learning objective (paper, Sec. 2.3 and App. C.2).

    Attributes:
        num_particles: posterior samples an image in a training step.
        presence_gradient: `exact` (the sum over when to stop) or `nvil` (the
            score function with control variates, as in the paper).
        beta: divides log p(x | z) in the learning signal of the presence.
        signal_scale_floor: the smallest pixel scale in that signal, and for
            collages; keeps the price of a stroke against its pixels while the
            scale sharpens.
        presence_warmup_steps: the presence does not learn from its signal
            over the first steps, until strokes are worth drawing.
        exploration: under `exact`, the share of drawings, rounded on each
            device, that are replaced by collages, for the recognition model
            to learn to draw anything.
        decay: of the running mean and variance of NVIL's learning signal.
    """

    num_particles: int = 1
    presence_gradient: str = "exact"
    beta: float = 4.0
    signal_scale_floor: float = 0.03
    presence_warmup_steps: int = 1_000
    exploration: float = 0.2
    decay: float = 0.8


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """The training loop (paper, App. C.1).

    Attributes:
        dataset: a name known to `tfdood.data`.
        num_steps: optimiser steps of the whole run.
        batch_size: images a step, over all replicas.
        balanced: whether each class is drawn as often as the largest, its
            drawings repeated.
        learning_rate: Adam's, for all but the two groups below.
        baseline_learning_rate: Adam's, for the NVIL baseline.
        pixel_scale_learning_rate: Adam's, for a learned pixel scale.
        warmup_steps: the learning rates rise linearly over these steps.
        decay_steps: the learning rates fall to zero (cosine) over the last
            steps of the run, at most half of it; 0 keeps them constant.
        clip_norm: global norm to which the gradient is clipped, but for the
            baseline's and the pixel scale's; 0 does not clip.
        scale_decay: of the running pixel scale.
        scale_hold: the running pixel scale is held at least this large ...
        scale_hold_steps: ... for so many steps, ...
        scale_anneal_steps: ... then its bound falls geometrically to
            `pixel_scale_floor` over so many more.
        smoothing: at first, drawings are compared with images both smoothed
            by a Gaussian of this standard deviation in pixels, which ...
        smoothing_steps: ... falls linearly to 0 over so many steps; until
            then, the ELBO of the training's metrics is of smoothed images.
        start_from: trained weights to start from, in place of random ones:
            the folder of another run, or `pretrained:NAME`.
        seed: of the weights, the order of the data and all sampling.
        jit_compile: whether XLA compiles the step; its random numbers differ.
        source: where the drawings came from; a run names it when it starts.
        log_every: steps between records of the training metrics.
        evaluate_every: steps between evaluations on held-out drawings, with
            their figures.
        num_evaluation_images: held-out drawings in an evaluation.
        num_evaluation_particles: posterior samples of each of them.
        checkpoint_every: steps between checkpoints.
    """

    dataset: str = "quickdraw"
    num_steps: int = 20_000
    batch_size: int = 64
    balanced: bool = False
    learning_rate: float = 5e-4
    baseline_learning_rate: float = 1e-3
    pixel_scale_learning_rate: float = 1e-4
    warmup_steps: int = 0
    decay_steps: int = 10_000
    clip_norm: float = 0.0
    scale_decay: float = 0.998
    scale_hold: float = 0.2
    scale_hold_steps: int = 1_800
    scale_anneal_steps: int = 1_700
    smoothing: float = 0.0
    smoothing_steps: int = 1_000
    start_from: str = ""
    seed: int = 0
    jit_compile: bool = False
    source: str = ""
    log_every: int = 50
    evaluate_every: int = 1_000
    num_evaluation_images: int = 128
    num_evaluation_particles: int = 10
    checkpoint_every: int = 500

    @property
    def learnt_from(self) -> str:
        """What made the weights: the drawings, and what came before them."""
        if not self.start_from:
            return self.source
        return f"{self.source}, starting from {self.start_from}"


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that identifies a run."""

    preset: str
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()
