"""DooD: Drawing out of Distribution (Liang et al., NeurIPS 2022)."""

import functools

import tensorflow as tf

from tfdood import layers
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing import frames
from tfdood.models import explaining, signature
from tfdood.models.common import (
    layout,
    sequence_model,
    token,
)
from tfdood.models.dood import core, generative, pen, refining
from tfdood.settings.architectures import Dood
from tfdood.types import Drawing, Pen, Strokes

_NUM_STEPS = signature.Input((), tf.int32, low=0, high=1_000)


class DooD(core.DoodCore, explaining.StrokeModel):
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
        # A `tf.function` is traced once for all signatures that refine.
        self._refine = tf.function(
            functools.partial(refining.refine, self),
            autograph=False,
            reduce_retracing=True,
        )

    def record(self, latents: generative.Latents) -> Strokes:
        """See `Explainer.record`."""
        return Strokes(*latents)

    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """See `StrokeModel.render`."""
        return self.renderer.canvases(strokes, pen)

    def state_metrics(self) -> dict[str, tf.Tensor]:
        """See `SequenceModel.state_metrics`; the typical blur."""
        return {"blur": self.typical_pen[0]}

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
        and the borders of the frames do not cut strokes off.
        """
        if self.settings.stroke_frame == "glimpse":
            layout = frames.invertible(latents.layout)
            latents = latents._replace(layout=layout)
            pen = pen._replace(blur=canvas_lib.place_blur(layout, pen.blur))
        strokes = token.sample(
            Strokes(*latents),
            stroke_noise,
            affine_noise,
            token.MODELS[self.settings.token],
        )
        return generative.Latents(*strokes), pen

    def outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `Model.outputs`.

        Control points are in canvas coordinates, and blurs are in widths of
        the canvas.
        """
        strokes, pen = drawing.strokes, drawing.pen
        layout = strokes.layout
        if self.settings.stroke_frame == "glimpse":
            layout = frames.invertible(layout)
            pen = pen._replace(blur=canvas_lib.place_blur(layout, pen.blur))
        return {
            "canvas": drawing.canvas,
            "canvases": drawing.canvases,
            "presence": strokes.presence,
            "control_points": canvas_lib.place(layout, strokes.control_points),
            **pen._asdict(),
            "num_strokes": sequence_model.num_strokes(strokes.presence),
        }

    def latents(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `SequenceModel.latents`.

        Control points are in the strokes' own frames.
        """
        return {**drawing.strokes._asdict(), **drawing.pen._asdict()}

    def refine(
        self,
        images: tf.Tensor,
        strokes: Strokes,
        pen: Pen,
        num_steps: int | tf.Tensor,
        learning_rate: float | tf.Tensor = refining.LEARNING_RATE,
        pen_rate: float | tf.Tensor = refining.LEARNING_RATE
        * refining.PEN_FACTOR,
    ) -> refining.Explanation:
        """Improves strokes and pen by gradient ascent, see `refining.refine`.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            strokes: the start, leading dimension `[B]`, `T` as in the settings.
            pen: the start, leading dimension `[B]`.
            num_steps: at least 0, scalar or `[B]`.
            learning_rate: of layouts and control points, scalar or `[B]`.
            pen_rate: of the logits of the pen, scalar or `[B]`; 0 keeps it.

        Returns:
            An `Explanation` of each image, at least as probable as the start.

        Raises:
            ValueError: If the start has another number of strokes, if it is
                not one drawing for each image, or if the images are not valid,
                see `checked`.
        """
        images = self.checked(images)
        latents = generative.Latents(*strokes)
        generative.check_sizes(
            latents, images.shape[0], self.settings.num_strokes
        )

        def per_row(x: float | tf.Tensor, dtype: tf.DType) -> tf.Tensor:
            return tf.broadcast_to(tf.cast(x, dtype), tf.shape(images)[:1])

        rates = (per_row(x, tf.float32) for x in (learning_rate, pen_rate))
        return self._refine(
            images,
            latents,
            pen,
            per_row(num_steps, tf.int32),
            refining.Rates(*rates),
        )

    def reconstruct_refined(self, images: tf.Tensor) -> Drawing:
        """Refines the strokes of `reconstruct`.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.

        Returns:
            A `Drawing` with leading dimension `[B]`.
        """
        start = self.reconstruct(images)
        steps = self.settings.refinement_steps
        found = self.refine(images, start.strokes, start.pen, steps)
        return self._drawn(found.latents, found.pen)

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`; adds `refine` and `reconstruct_refined`."""

        def refine(
            images: tf.Tensor,
            num_steps: tf.Tensor,
            learning_rate: tf.Tensor,
            pen_rate: tf.Tensor,
            **named: tf.Tensor,
        ) -> dict[str, tf.Tensor]:
            strokes = self.record(self.read_strokes(named))
            pen = self.read_pen(named)
            rates = learning_rate, pen_rate
            found = self.refine(images, strokes, pen, num_steps, *rates)
            return {
                **self.record(found.latents)._asdict(),
                **found.pen._asdict(),
                "log_prior": found.log_prior,
                "log_likelihood": found.log_likelihood,
            }

        images = {"images": self.image_input}
        count = self.settings.num_strokes
        return {
            **super().signatures(num_particles),
            "refine": signature.Signature(
                refine,
                {
                    **images,
                    **self.ordered_inputs(count),
                    **self.pen_inputs(count),
                    "num_steps": _NUM_STEPS,
                    "learning_rate": signature.RATE,
                    "pen_rate": signature.RATE,
                },
            ),
            "reconstruct_refined": signature.Signature(
                lambda images: self.outputs(self.reconstruct_refined(images)),
                images,
            ),
        }

    def stroke_inputs(
        self, num_strokes: int | str
    ) -> dict[str, signature.Input]:
        """See `DoodCore.stroke_inputs`."""
        points = self.settings.num_control_points
        return {
            "presence": signature.Input((num_strokes,), low=0.0, high=1.0),
            "layout": signature.numbers(num_strokes, layout.SIZE),
            "control_points": signature.numbers(num_strokes, points, 2),
        }

    def pen_inputs(self, num_strokes: int | str) -> dict[str, signature.Input]:
        """See `DoodCore.pen_inputs`."""
        of_strokes = signature.Input((num_strokes,), low=signature.LEAST_PEN)
        return {
            "blur": of_strokes,
            "stroke_contrast": of_strokes,
            "canvas_contrast": of_strokes._replace(shape=()),
        }

    def read_strokes(self, named: dict[str, tf.Tensor]) -> generative.Latents:
        """See `DoodCore.read_strokes`."""
        return generative.Latents(*(named[name] for name in Strokes._fields))

    def read_pen(self, named: dict[str, tf.Tensor]) -> Pen:
        """See `DoodCore.read_pen`."""
        return Pen(*(named[name] for name in Pen._fields))
