"""DooD-dR: DooD without its renderer (paper, Sec. 3).

An MLP paints each stroke from a code. Each pair of a code's numbers has the
distributions that a control point has in DooD.
"""

import tensorflow as tf

from tfdood.models import signature
from tfdood.models.baselines import code_model, neural_decoder
from tfdood.models.common import token
from tfdood.models.dood import core, generative, pen
from tfdood.models.dood import stroke as stroke_lib
from tfdood.settings.architectures import DoodDr
from tfdood.types import Codes, Drawing, Pen

_LAYOUT_NOISE = (0, 1, 2, 4)
"""Indices of shift x, shift y, scale and rotation in the seven parameters of an
affine transform."""


class DoodDR(core.DoodCore):
    """DooD with codes that an MLP paints in place of curves."""

    description = (
        "A generative model of drawings as strokes: DooD-dR, an ablation of "
        "DooD, *Drawing out of Distribution with Neuro-Symbolic Generative "
        "Models* (Liang et al., NeurIPS 2022). Its strokes are codes that a "
        "network paints, **not curves**: there is no SVG of them."
    )
    settings: DoodDr

    def __init__(self, settings: DoodDr):
        if settings.code_size % 2:
            raise ValueError(
                f"model.code_size={settings.code_size} is odd; expected an "
                "even number, because pairs of numbers have one prior."
            )
        super().__init__(settings, Decoder, pen.NoStrokePen)

    def record(self, latents: generative.Latents) -> Codes:
        """See `Explainer.record`."""
        return Codes(latents.presence, latents.layout, flat(latents.stroke))

    def token(
        self,
        latents: generative.Latents,
        pen: Pen,
        stroke_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[generative.Latents, Pen]:
        """See `DoodCore.token`; only the layouts change, not the codes."""
        layout_noise = tf.gather(affine_noise, _LAYOUT_NOISE, axis=-1)
        return token.move(latents, layout_noise), pen

    def outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `Model.outputs`."""
        contrast = drawing.pen.canvas_contrast
        return {**code_model.outputs(drawing), "canvas_contrast": contrast}

    def latents(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `SequenceModel.latents`."""
        contrast = drawing.pen.canvas_contrast
        return {**drawing.strokes._asdict(), "canvas_contrast": contrast}

    def stroke_inputs(
        self, num_strokes: int | str
    ) -> dict[str, signature.Input]:
        """See `DoodCore.stroke_inputs`."""
        return code_model.code_inputs(self.settings.code_size, num_strokes)

    def pen_inputs(self, num_strokes: int | str) -> dict[str, signature.Input]:
        """See `DoodCore.pen_inputs`; only the canvas has a contrast."""
        del num_strokes
        return {"canvas_contrast": signature.Input((), low=signature.LEAST_PEN)}

    def read_strokes(self, named: dict[str, tf.Tensor]) -> generative.Latents:
        """See `DoodCore.read_strokes`."""
        code = named["code"]
        leading = tf.unstack(tf.shape(code)[:-1])
        pairs = tf.reshape(code, [*leading, *self.settings.stroke_shape])
        return generative.Latents(named["presence"], named["layout"], pairs)

    def read_pen(self, named: dict[str, tf.Tensor]) -> Pen:
        """See `DoodCore.read_pen`."""
        pen = code_model.no_pen(named["presence"])
        return pen._replace(canvas_contrast=named["canvas_contrast"])


class Decoder(neural_decoder.NeuralDecoder):
    """The neural decoder with the interface of DooD's renderer.

    Args:
        settings: the architecture.
    """

    def __init__(self, settings: DoodDr):
        super().__init__(
            settings.image_size,
            settings.code_size,
            settings.width,
            settings.ink_bias,
            stroke_lib.FIXED_MEAN,
            stroke_lib.FIXED_STD,
        )

    def call(
        self,
        layouts: tf.Tensor,
        strokes: tf.Tensor,
        blur: tf.Tensor,
        stroke_contrast: tf.Tensor,
    ) -> tf.Tensor:
        """Paints images of strokes.

        Args:
            layouts: `[..., 4]`.
            strokes: `[..., D / 2, 2]`, codes in pairs.
            blur: not used.
            stroke_contrast: not used.

        Returns:
            `[..., H, W, 1]`, at least 0, without upper bound.
        """
        return super().call(layouts, flat(strokes))


def flat(strokes: tf.Tensor) -> tf.Tensor:
    """Flattens pairs of numbers `[..., D / 2, 2]` to codes `[..., D]`."""
    size = 2 * strokes.shape[-2]
    return tf.reshape(strokes, tf.concat([tf.shape(strokes)[:-2], [size]], 0))
