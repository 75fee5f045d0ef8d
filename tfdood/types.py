"""What a drawing is made of: strokes, the pen that draws them, and a parse.

Axis letters used in all shape comments:

    P particles   B images   T strokes   K control points   D numbers of a code
    H, W pixels

`...` stands for any leading dimensions, usually `[P, B]`.

The pixel convention, shared by the renderer, the spatial transformer and the
resizing of images: pixel `i` of `n` has its centre at `(i + 0.5) / n` of the
unit square, `x` to the right and `y` down. Layout shifts live in the frame of
the spatial transformer, where the image spans `[-1, 1]` on both axes.
"""

from typing import NamedTuple

import tensorflow as tf


class Strokes(NamedTuple):
    """The strokes of a drawing, which are curves.

    Attributes:
        presence: `[..., T]`, 1 while the drawing goes on, never 1 after a 0.
        layout: `[..., T, 4]`, shift x, shift y (half image widths), scale,
            rotation (radians), which place the stroke's frame on the canvas.
        control_points: `[..., T, K, 2]`, Bezier control points `(x, y)` in the
            stroke's own unit square.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    control_points: tf.Tensor


class Codes(NamedTuple):
    """The strokes of a drawing where a network paints each of them.

    Attributes:
        presence: `[..., T]`, as of `Strokes`.
        layout: `[..., T, 4]`, as of `Strokes`.
        code: `[..., T, D]`, what the network paints a stroke from.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    code: tf.Tensor


class Pen(NamedTuple):
    """How strokes turn into ink. The model predicts it; it is not a latent.

    Attributes:
        blur: `[..., T]`, standard deviation of the ink around the curve, in
            image widths; with `model.stroke_frame=glimpse`, in widths of the
            stroke's own frame.
        stroke_contrast: `[..., T]`, slope of the tanh over a stroke's ink; a
            smaller value gives harder edges.
        canvas_contrast: `[...]`, slope of the tanh over the sum of strokes.
    """

    blur: tf.Tensor
    stroke_contrast: tf.Tensor
    canvas_contrast: tf.Tensor


class Drawing(NamedTuple):
    """Strokes, their pen, and what they look like.

    Attributes:
        strokes: `Strokes` or `Codes` with leading dimensions `...`.
        pen: `Pen` with the same leading dimensions; ones where a model of
            codes does not use it.
        canvases: `[..., T, H, W, 1]`, the canvas after each stroke. Curves
            stay in [0, 1]; codes that add up may exceed 1.
    """

    strokes: Strokes | Codes
    pen: Pen
    canvases: tf.Tensor

    @property
    def canvas(self) -> tf.Tensor:
        """The finished drawing, `[..., H, W, 1]`."""
        return self.canvases[..., -1, :, :, :]


class StepLogProbs(NamedTuple):
    """Log densities of the latents of each step, in nats, zero where masked.

    Attributes:
        presence: `[..., T]`, counted up to and including the first 0.
        layout: `[..., T]`, counted where the stroke is present.
        stroke: `[..., T]`, of control points or codes, counted where the
            stroke is present.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    stroke: tf.Tensor


class PresenceLogits(NamedTuple):
    """Log odds of one more stroke at each step, given that all were drawn.

    Attributes:
        posterior: `[..., T]`, of q(presence | image).
        prior: `[..., T]`, of p(presence).
    """

    posterior: tf.Tensor
    prior: tf.Tensor


class Context(NamedTuple):
    """What each step of a parse has seen; NVIL's baseline sees the same.

    Attributes:
        target: `[..., E]`, an embedding of the image.
        canvases: `[..., T, E']`, embeddings of the canvas before each stroke;
            of size 0 where the model does not look at it.
    """

    target: tf.Tensor
    canvases: tf.Tensor


class Parse(NamedTuple):
    """One joint sample from q(strokes | image) with its log densities.

    Attributes:
        drawing: the sampled `Drawing`, leading dimensions `[P, B]`.
        log_posterior: `StepLogProbs` of q(strokes | image).
        log_prior: `StepLogProbs` of p(strokes).
        log_likelihood: `[P, B]`, log p(image | strokes) in nats.
        presence_logits: `PresenceLogits`, leading dimensions `[P, B]`.
        context: `Context`, leading dimensions `[P, B]`.
    """

    drawing: Drawing
    log_posterior: StepLogProbs
    log_prior: StepLogProbs
    log_likelihood: tf.Tensor
    presence_logits: PresenceLogits
    context: Context

    @property
    def presence(self) -> tf.Tensor:
        """Whether each stroke was drawn, `[P, B, T]`."""
        return self.drawing.strokes.presence
