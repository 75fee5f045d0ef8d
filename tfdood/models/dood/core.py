"""The parts of DooD and DooD-dR that do not depend on the form of a stroke."""

import abc
import math

import tensorflow as tf

from tfdood.models import signature
from tfdood.models.common import (
    joining,
    noise,
    rows,
    sequence_model,
    token,
)
from tfdood.models.dood import (
    completion,
    explainer,
    generative,
    noise_signatures,
)
from tfdood.models.dood import pen as pen_lib
from tfdood.types import Drawing, Parse, Pen

_PEN_DECAY = 0.99


class DoodCore(explainer.Explainer):
    """A model of presence, layouts and strokes, learned from images alone.

    It explains images, draws new ones, and has signatures for both.
    """

    @property
    def stroke_size(self) -> int:
        """How many numbers the latents of a drawing's strokes have."""
        settings = self.settings
        return settings.num_strokes * math.prod(settings.stroke_shape)

    @abc.abstractmethod
    def stroke_inputs(
        self, num_strokes: int | str
    ) -> dict[str, signature.Input]:
        """Lists the inputs for strokes, see `SequenceModel.latents`.

        Args:
            num_strokes: `T`; a name if clients may choose the number.

        Returns:
            The inputs by name.
        """

    @abc.abstractmethod
    def pen_inputs(self, num_strokes: int | str) -> dict[str, signature.Input]:
        """Lists the inputs for the pen, as `stroke_inputs` does."""

    @abc.abstractmethod
    def read_strokes(self, named: dict[str, tf.Tensor]) -> generative.Latents:
        """Converts `stroke_inputs` to latents.

        Args:
            named: tensors of `B` rows by name; others may be among them.

        Returns:
            The latents, leading dimension `[B]`.
        """

    @abc.abstractmethod
    def read_pen(self, named: dict[str, tf.Tensor]) -> Pen:
        """Converts `pen_inputs` to a pen.

        Args:
            named: `stroke_inputs` and `pen_inputs` of `B` rows by name.

        Returns:
            The pen, leading dimension `[B]`.
        """

    @abc.abstractmethod
    def token(
        self,
        latents: generative.Latents,
        pen: Pen,
        stroke_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[generative.Latents, Pen]:
        """Samples a new token of a type, see `common.token`.

        Args:
            latents: the type, leading dimensions `...`.
            pen: the pen of the type, leading dimensions `...`.
            stroke_noise: `[..., T, K, 2]`, standard normal.
            affine_noise: `[..., 7]`, standard normal.

        Returns:
            The latents and the pen of the token.
        """

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `Model.generate`; all strokes have the typical pen."""
        numbers = noise.draw(self.noise_shape, seed, num_drawings)
        return self.generate_from(noise.tempered(numbers, temperature))

    def generate_from(self, numbers: noise.Noise) -> Drawing:
        """Does what `generate` does, with given random numbers.

        Args:
            numbers: of `N` drawings.

        Returns:
            A `Drawing` with leading dimension `[N]`.
        """
        num_drawings = tf.shape(numbers.presence)[1]
        pens = self._typical_pens(num_drawings)
        latents, canvases = self.generative.sample(
            self.generative.initial_state(num_drawings), pens, numbers
        )
        return Drawing(self.record(latents), pens, canvases)

    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.complete`.

        The added strokes have the pen of the first stroke of the parse. Source:
        paper, Fig. 8.
        """
        images = self.checked(images)
        leading = [num_completions, tf.shape(images)[0]]
        seen, added = (
            noise.draw(self.noise_shape, one, leading[1], num_completions)
            for one in noise.streams(seed, 2)
        )
        added = noise.tempered(added, temperature, num_completions)
        return self.complete_from(images, seen, added, num_completions)

    def complete_from(
        self,
        images: tf.Tensor,
        seen: noise.Noise,
        added: noise.Noise,
        num_completions: int = 1,
    ) -> Drawing:
        """Does what `complete` does, with given random numbers.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            seen: the numbers of the parse, of `C * B` drawings.
            added: the numbers of the added strokes, of `C * B` drawings.
            num_completions: `C`.

        Returns:
            A `Drawing` with leading dimensions `[C, B]` and `2 T` steps.
        """
        leading = [num_completions, tf.shape(images)[0]]
        trace = self._infer(images, seen, num_completions)
        state, more_pen = completion.last_state(
            self.generative,
            trace,
            self._typical_pens(leading[0] * leading[1]),
        )
        more, _ = self.generative.sample(state, more_pen, added)
        joined = joining.join(trace.latents, trace.pen, more, more_pen)
        return self._drawn(*rows.unmerge(joined, leading))

    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.exemplars`.

        The type is the parse with the largest likelihood out of 20. Source:
        paper, Fig. 7 and App. B.4.
        """
        images = self.checked(images)
        num_parses, count = sequence_model.NUM_PARSES, tf.shape(images)[0]
        types, points, affine = noise.streams(seed, 3)
        return self.exemplars_from(
            images,
            noise.draw(self.noise_shape, types, count, num_parses),
            noise.normal(points, count, [num_exemplars, self.stroke_size]),
            noise.normal(affine, count, [num_exemplars, token.NUM_PARAMETERS]),
        )

    def exemplars_from(
        self,
        images: tf.Tensor,
        types: noise.Noise,
        points: tf.Tensor,
        affine: tf.Tensor,
    ) -> Drawing:
        """Does what `exemplars` does, with given random numbers.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            types: the numbers of the parses, of `P * B` drawings, with `P` of
                `sequence_model.NUM_PARSES`.
            points: `[E, B, self.stroke_size]`, standard normal.
            affine: `[E, B, 7]`, standard normal.

        Returns:
            A `Drawing` with leading dimensions `[E, B]`.
        """
        leading = [sequence_model.NUM_PARSES, tf.shape(images)[0]]
        trace = self._infer(images, types, leading[0])
        parses = rows.unmerge((trace.latents, trace.pen), leading)
        canvas = rows.unmerge(trace.steps.canvas[:, -1], leading)
        best = rows.best(parses, self.log_likelihood(images, canvas))
        latents, pen = tf.nest.map_structure(
            lambda x: tf.repeat(x[tf.newaxis], tf.shape(points)[0], 0), best
        )
        points = tf.reshape(points, tf.shape(latents.stroke))
        return self._drawn(*self.token(latents, pen, points, affine))

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`; adds `parse_center`, `score` and `prior`."""

        def parse_center(images: tf.Tensor) -> dict[str, tf.Tensor]:
            return self.explained(self.parse_center(images))

        def score(
            images: tf.Tensor, **named: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            found = self.score(images, self.read_strokes(named))
            return sequence_model.log_densities(found)

        def prior(**named: tf.Tensor) -> dict[str, tf.Tensor]:
            latents, pen = self.read_strokes(named), self.read_pen(named)
            return {"log_prior": self.log_prior(latents, pen)}

        count = self.settings.num_strokes
        images, strokes = (
            {"images": self.image_input},
            self.ordered_inputs(count),
        )
        return {
            **super().signatures(num_particles),
            "parse_center": signature.Signature(parse_center, images),
            "score": signature.Signature(score, images | strokes),
            "prior": signature.Signature(
                prior, strokes | self.pen_inputs(count)
            ),
        }

    def ordered_inputs(self, num_strokes: int) -> dict[str, signature.Input]:
        """Lists the inputs for strokes that have a density.

        Args:
            num_strokes: `T`.

        Returns:
            Those of `stroke_inputs`; a stroke is present or not, and none is
            present after one that is not.
        """
        inputs = self.stroke_inputs(num_strokes)
        presence = inputs["presence"]._replace(is_binary=True, zeros_last=True)
        return {**inputs, "presence": presence}

    def noise_signatures(self) -> dict[str, signature.Signature]:
        """See `Model.noise_signatures`."""
        return noise_signatures.build(self)

    def render_signature(self) -> signature.Signature:
        """See `SequenceModel.render_signature`."""

        def render(**named: tf.Tensor) -> dict[str, tf.Tensor]:
            latents, pen = self.read_strokes(named), self.read_pen(named)
            # Two computations: a client that fetches only one of the outputs
            # does not wait for the other.
            return {
                "canvas": self.draw(latents, pen),
                "canvases": self.draw_steps(latents, pen),
            }

        return signature.Signature(
            render, self.stroke_inputs("T") | self.pen_inputs("T")
        )

    def statistics(self, parse: Parse) -> dict[str, tf.Tensor]:
        """See `SequenceModel.statistics`; returns the mean pen of a batch."""
        return {"pen": pen_lib.mean_of_first_strokes(parse.drawing.pen)}

    def update(self, statistics: dict[str, tf.Tensor]) -> None:
        """See `SequenceModel.update`."""
        old = tf.convert_to_tensor(self.typical_pen)
        new = _PEN_DECAY * old + (1.0 - _PEN_DECAY) * statistics["pen"]
        self.typical_pen.assign(new)

    def _drawn(self, latents: generative.Latents, pen: Pen) -> Drawing:
        """Renders latents and returns them as a `Drawing`."""
        canvases = self.draw_steps(latents, pen)
        return Drawing(self.record(latents), pen, canvases)

    def _typical_pens(self, num_drawings: int | tf.Tensor) -> Pen:
        """Repeats the typical pen for all strokes of drawings."""
        values = tf.convert_to_tensor(self.typical_pen)
        return pen_lib.repeated(values, num_drawings, self.settings.num_strokes)
