"""Configurations: frozen dataclasses that describe a run, in and out of JSON.

A run folder's `config.json` is `to_json(config)` and is all that resuming,
exporting and evaluating need to rebuild the model.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """The architecture (paper, App. B.3; where silent, the authors' code).

    Attributes:
        name: the model family, a key of `tfdood.models.MODELS`.
        image_size: height and width of the images in pixels.
        num_strokes: `T`, the most strokes a drawing may have.
        num_control_points: `K`; strokes are Bezier curves of degree K - 1.
        num_curve_points: points sampled along a curve by the rasteriser.
        encoder: `compact` (strided convolutions) or `paper` (App. B.3).
        encoder_dropout: rate of dropout on the paper encoder's feature map.
        width: units of embeddings, recurrent states and hidden layers.
        num_mixtures: components of the layout and stroke priors.
        presence_bias: initial logit of q(presence).
        blur_bias: initial logit of the pen's blur.
        stroke_contrast_bias: initial logit of the stroke contrast.
        canvas_contrast_bias: initial logit of the canvas contrast.
        likelihood: `laplace` or `normal` pixels.
        pixel_scale: `learned` (one trained value a pixel) or `running` (the
            running mean absolute error of the pixel, the Laplace scale of
            maximum likelihood).
        pixel_scale_floor: the smallest pixel scale.
    """

    name: str = "dood"
    image_size: int = 50
    num_strokes: int = 6
    num_control_points: int = 5
    num_curve_points: int = 100
    encoder: str = "compact"
    encoder_dropout: float = 0.5
    width: int = 256
    num_mixtures: int = 40
    presence_bias: float = 2.0
    blur_bias: float = -2.0
    stroke_contrast_bias: float = 2.0
    canvas_contrast_bias: float = -1.0
    likelihood: str = "laplace"
    pixel_scale: str = "running"
    pixel_scale_floor: float = 0.01


@dataclasses.dataclass(frozen=True)
class ObjectiveConfig:
    """The learning objective (paper, Sec. 2.3 and App. C.2).

    Attributes:
        num_particles: posterior samples an image in a training step.
        beta: divides log p(x | z) in the learning signal of the presence.
        signal_scale_floor: the smallest pixel scale in that signal; keeps the
            price of a stroke against its pixels while the scale sharpens.
        decay: of the running mean and variance of the learning signal.
    """

    num_particles: int = 1
    beta: float = 4.0
    signal_scale_floor: float = 0.0
    decay: float = 0.8


@dataclasses.dataclass(frozen=True)
class TrainingConfig:
    """The training loop (paper, App. C.1).

    Attributes:
        dataset: a name known to `tfdood.data`.
        num_steps: optimiser steps of the whole run.
        batch_size: images a step, over all replicas.
        learning_rate: Adam's, for all but the two groups below.
        baseline_learning_rate: Adam's, for the NVIL baseline.
        pixel_scale_learning_rate: Adam's, for a learned pixel scale.
        warmup_steps: the learning rates rise linearly over these steps.
        decay_steps: the learning rates fall to zero (cosine) over the last
            steps of the run; 0 keeps them constant.
        clip_norm: global norm to which gradients are clipped; 0 does not clip.
        scale_decay: of the running pixel scale.
        scale_hold: the running pixel scale is held at least this large ...
        scale_hold_steps: ... for so many steps, ...
        scale_anneal_steps: ... then its bound falls geometrically to
            `pixel_scale_floor` over so many more.
        seed: of the weights, the order of the data and all sampling.
    """

    dataset: str = "quickdraw"
    num_steps: int = 20_000
    batch_size: int = 64
    learning_rate: float = 3e-4
    baseline_learning_rate: float = 1e-3
    pixel_scale_learning_rate: float = 1e-4
    warmup_steps: int = 0
    decay_steps: int = 0
    clip_norm: float = 0.0
    scale_decay: float = 0.998
    scale_hold: float = 0.2
    scale_hold_steps: int = 2_000
    scale_anneal_steps: int = 2_000
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that identifies a run."""

    preset: str
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()
