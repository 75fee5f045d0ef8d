"""DooD: Drawing out of Distribution (Liang et al., NeurIPS 2022)."""

import tensorflow as tf

from tfdood import layers
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing import frames
from tfdood.models import base, signature
from tfdood.models.common import sequence_model, token
from tfdood.models.dood import core, generative, pen
from tfdood.settings.architectures import Dood
from tfdood.types import Drawing, Pen, Strokes


class DooD(core.DoodCore, base.StrokeModel):
    """A model of drawings as Bezier curves, learned from images alone."""

    description = (
        "A generative model of drawings as strokes: DooD, *Drawing out of "
        "Distribution with Neuro-Symbolic Generative Models* (Liang et al., "
        "NeurIPS 2022)."
    )
    settings: Dood

    def __init__(self, settings: Dood):
        renderer = layers.StrokeRenderer(
            settings.image_size,
            settings.num_curve_points,
            frame=settings.stroke_frame,
        )
        super().__init__(
            settings, lambda _: renderer.stroke_images, pen.StrokePen
        )
        self.renderer = renderer

    def record(self, latents: generative.Latents) -> Strokes:
        """See `DoodCore.record`."""
        return Strokes(*latents)

    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """See `StrokeModel.render`."""
        return self.renderer.canvases(strokes, pen)

    def token(
        self,
        latents: generative.Latents,
        pen: Pen,
        stroke_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[generative.Latents, Pen]:
        """See `DoodCore.token`.

        The layouts of the token are the whole canvas. With
        `stroke_frame=glimpse`, the blur is converted to widths of the canvas,
        and strokes are no longer cut at the borders of their old frames.
        """
        strokes = token.sample(
            Strokes(*latents),
            stroke_noise,
            affine_noise,
            token.MODELS[self.settings.token],
        )
        if self.settings.stroke_frame == "glimpse":
            layout = frames.invertible(latents.layout)
            pen = pen._replace(blur=canvas_lib.place_blur(layout, pen.blur))
        return generative.Latents(*strokes), pen

    def outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `Model.outputs`.

        Control points are in canvas coordinates, and blurs are in widths of
        the canvas.
        """
        strokes, pen = drawing.strokes, drawing.pen
        if self.settings.stroke_frame == "glimpse":
            blur = canvas_lib.place_blur(strokes.layout, pen.blur)
            pen = pen._replace(blur=blur)
        return {
            "canvas": drawing.canvas,
            "canvases": drawing.canvases,
            "presence": strokes.presence,
            "control_points": canvas_lib.place(
                strokes.layout, strokes.control_points
            ),
            **pen._asdict(),
            "num_strokes": sequence_model.num_strokes(strokes.presence),
        }

    def latents(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `SequenceModel.latents`.

        Control points are in the strokes' own frames.
        """
        return {**drawing.strokes._asdict(), **drawing.pen._asdict()}

    def render_signature(self) -> signature.Signature:
        """See `SequenceModel.render_signature`."""

        def render(**latents: tf.Tensor) -> dict[str, tf.Tensor]:
            strokes = Strokes(*(latents[name] for name in Strokes._fields))
            pen = Pen(*(latents[name] for name in Pen._fields))
            # Two computations: a client that fetches only one of the outputs
            # does not wait for the other.
            return {
                "canvas": self.renderer.canvas(strokes, pen),
                "canvases": self.renderer.canvases(strokes, pen),
            }

        points = self.settings.num_control_points
        positive = signature.Input(("T",), low=0.0, is_open=True)
        return signature.Signature(
            render,
            {
                "presence": signature.Input(("T",)),
                "layout": signature.Input(("T", 4)),
                "control_points": signature.Input(("T", points, 2)),
                "blur": positive,
                "stroke_contrast": positive,
                "canvas_contrast": positive._replace(shape=()),
            },
        )
