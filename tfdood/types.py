"""Records of drawings: strokes, the pen that draws them, and parses.

Axis letters used in all shape comments:

    P particles   B images   T strokes   K control points   D size of a code
    H, W pixels

`...` stands for any leading dimensions, usually `[P, B]`.

The renderer, the spatial transformer and the resizing of images use the same
pixel convention: pixel `i` of `n` has its centre at `(i + 0.5) / n` of the unit
square; `x` points to the right and `y` points down. Layout shifts are in the
frame of the spatial transformer, where the image spans `[-1, 1]` on both axes.
"""

from typing import NamedTuple

import tensorflow as tf


class Strokes(NamedTuple):
    """The strokes of a drawing, as curves.

    Attributes:
        presence: `[..., T]`, 1 for strokes that are drawn, and 0 for all
            strokes after the last one.
        layout: `[..., T, 4]`, the shift along x and y (half image widths), the
            scale, and the rotation (radians) that place the stroke's frame on
            the canvas.
        control_points: `[..., T, K, 2]`, Bezier control points `(x, y)` in the
            stroke's own unit square.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    control_points: tf.Tensor


class SplineStrokes(NamedTuple):
    """The strokes of a drawing, as B-splines of different lengths.

    `drawing.curves.bspline` has the curves.

    Attributes:
        control_points: `[..., T, N, 2]`, float32, `(x, y)` in pixels of the
            105 x 105 image; `x` points to the right, `y` points down, and pixel
            `i` has its centre at `i + 0.5`. Control points after the last one
            of a stroke are 0.
        num_control_points: `[..., T]`, int32; 1 for a dot, and 0 for all
            strokes after the last one.
    """

    control_points: tf.Tensor
    num_control_points: tf.Tensor


class Codes(NamedTuple):
    """The strokes of a drawing, as codes from which a network paints them.

    Attributes:
        presence: `[..., T]`, as in `Strokes`.
        layout: `[..., T, 4]`, as in `Strokes`.
        code: `[..., T, D]`, the numbers from which the network paints a stroke.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    code: tf.Tensor


class Pen(NamedTuple):
    """How strokes become ink. The model predicts the pen; it is no latent.

    Attributes:
        blur: `[..., T]`, positive, the standard deviation of the ink around the
            curve, in image widths; with `model.stroke_frame=glimpse`, in widths
            of the stroke's frame. DooD predicts at most 0.04.
        stroke_contrast: `[..., T]`, positive. The ink of a stroke is divided by
            it before the tanh, so that a smaller value gives harder edges. DooD
            predicts 0.1 to 0.9.
        canvas_contrast: `[...]`, positive. The sum of the strokes is divided by
            it before the tanh. DooD predicts 0.1 to 1.5.
    """

    blur: tf.Tensor
    stroke_contrast: tf.Tensor
    canvas_contrast: tf.Tensor


class Drawing(NamedTuple):
    """Strokes, their pen, and the canvases with their ink.

    Attributes:
        strokes: `Strokes` or `Codes` with leading dimensions `...`.
        pen: `Pen` with the same leading dimensions; its values are 1 where a
            model of codes does not use them.
        canvases: `[..., T, H, W, 1]`, the canvas after each stroke. The ink of
            curves is in [0, 1]; the ink of codes that are summed may exceed 1.
    """

    strokes: Strokes | Codes
    pen: Pen
    canvases: tf.Tensor

    @property
    def canvas(self) -> tf.Tensor:
        """The finished drawing, `[..., H, W, 1]`."""
        return self.canvases[..., -1, :, :, :]


class StepLogProbs(NamedTuple):
    """Log densities of the latents of each step, in nats.

    Attributes:
        presence: `[..., T]`, 0 after the first step whose presence is 0.
        layout: `[..., T]`, 0 where the stroke is not present.
        stroke: `[..., T]`, of the control points or the code, 0 where the
            stroke is not present.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    stroke: tf.Tensor


class PresenceLogits(NamedTuple):
    """Log odds of one more stroke, given that all earlier strokes are drawn.

    Attributes:
        posterior: `[..., T]`, of q(presence | image).
        prior: `[..., T]`, of p(presence).
    """

    posterior: tf.Tensor
    prior: tf.Tensor


class Context(NamedTuple):
    """The inputs of each step of a parse. NVIL's baseline has the same inputs.

    Attributes:
        target: `[..., E]`, an embedding of the image.
        canvases: `[..., T, E']`. In DooD, embeddings of the canvas before each
            stroke; `E'` is 0 without execution guidance. In AIR, embeddings of
            the image that each step sees: the target or, with execution
            guidance, the target minus the canvas.
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
        """Whether each stroke is drawn, `[P, B, T]`, 0 or 1."""
        return self.drawing.strokes.presence
