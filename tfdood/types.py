"""What a drawing is made of: strokes, the pen that draws them, and a parse.

Axis letters used in all shape comments:

    P particles   B images   T strokes   K control points   H, W pixels

`...` stands for any leading dimensions, usually `[P, B]`.

The pixel convention, shared by the renderer, the spatial transformer and the
resizing of images: pixel `i` of `n` has its centre at `(i + 0.5) / n` of the
unit square, `x` to the right and `y` down. Layout shifts live in the frame of
the spatial transformer, where the image spans `[-1, 1]` on both axes.
"""

from typing import NamedTuple

import tensorflow as tf


class Strokes(NamedTuple):
    """The latent variables of a drawing.

    Attributes:
        presence: `[..., T]`, 1 while the drawing goes on, never 1 after a 0.
        layout: `[..., T, 4]`, shift x, shift y (half image widths), scale,
            rotation (radians), which place the stroke's frame on the canvas.
        control_points: `[..., T, K, 2]`, Bezier control points `(x, y)` in the
            stroke's own unit square; or, where a network draws the strokes
            (`model.decoder` is `neural`), codes of `2 K` numbers.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    control_points: tf.Tensor


class Pen(NamedTuple):
    """How strokes turn into ink. Predicted, not latent; ones where not used.

    Attributes:
        blur: `[..., T]`, standard deviation of the ink around the curve, in
            image widths; with `model.stroke_frame` `glimpse`, in those of the
            stroke's own frame.
        stroke_contrast: `[..., T]`, slope of the tanh over a stroke's ink;
            smaller is harder.
        canvas_contrast: `[...]`, slope of the tanh over the sum of strokes.
    """

    blur: tf.Tensor
    stroke_contrast: tf.Tensor
    canvas_contrast: tf.Tensor


class Drawing(NamedTuple):
    """Strokes, their pen, and what they look like.

    Attributes:
        strokes: `Strokes` with leading dimensions `...`.
        pen: `Pen` with the same leading dimensions.
        canvases: `[..., T, H, W, 1]` in [0, 1], the canvas after each stroke;
            the last one is the drawing. Codes that add up may exceed 1.
    """

    strokes: Strokes
    pen: Pen
    canvases: tf.Tensor


class StepLogProbs(NamedTuple):
    """Log densities of the latents of each step, in nats, zero where masked.

    Attributes:
        presence: `[..., T]`, counted up to and including the first 0.
        layout: `[..., T]`, counted where the stroke is present.
        control_points: `[..., T]`, counted where the stroke is present.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    control_points: tf.Tensor


class PresenceLogits(NamedTuple):
    """Log odds of going on at each step, given that the drawing went on.

    Attributes:
        posterior: `[..., T]`, of q(presence | image).
        prior: `[..., T]`, of p(presence).
    """

    posterior: tf.Tensor
    prior: tf.Tensor


class Parse(NamedTuple):
    """One joint sample from q(strokes | image) with its log densities.

    Attributes:
        drawing: the sampled `Drawing`, leading dimensions `[P, B]`.
        log_posterior: `StepLogProbs` of q(strokes | image).
        log_prior: `StepLogProbs` of p(strokes).
        log_likelihood: `[P, B]`, log p(image | strokes) in nats.
        baseline: `[P, B, T]`, the control variate's guess of each step's
            learning signal (zero after the first absent stroke).
        presence_logits: `PresenceLogits`, leading dimensions `[P, B]`.
    """

    drawing: Drawing
    log_posterior: StepLogProbs
    log_prior: StepLogProbs
    log_likelihood: tf.Tensor
    baseline: tf.Tensor
    presence_logits: PresenceLogits
