"""The interface that every model of drawings fills in."""

import abc

import keras
import tensorflow as tf

from tfdood.distributions import pixels
from tfdood.settings.schema import ModelConfig
from tfdood.types import Drawing, Parse, Pen, Strokes

_INITIAL_SCALE = 0.505  # a learned pixel scale with logit zero


class DrawingModel(keras.Model, abc.ABC):
    """A joint density of drawings and images, and a guess of its posterior.

    Attributes:
        config: the architecture.
        baseline: the layer whose weights guess the learning signal of the
            presence, for `objectives.nvil`.
        typical_pen: `[3]`, a running mean of pens, kept by the training.
        pixel_scale_logits: `[H, W, 1]`, if the pixel scale is learned.
        running_pixel_scale: `[H, W, 1]`, otherwise; kept by the training.
    """

    baseline: keras.layers.Layer

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        shape = [config.image_size, config.image_size, 1]
        if config.pixel_scale == "learned":
            self.pixel_scale_logits = self.add_weight(
                shape=shape, initializer="zeros", name="pixel_scale_logits"
            )
        else:
            self.running_pixel_scale = self.add_weight(
                shape=shape,
                initializer=keras.initializers.Constant(_INITIAL_SCALE),
                trainable=False,
                aggregation="only_first_replica",
                name="running_pixel_scale",
            )
        self.typical_pen = self.add_weight(
            shape=[3],
            initializer=keras.initializers.Constant([0.01, 0.8, 0.5]),
            trainable=False,
            aggregation="only_first_replica",
            name="typical_pen",
        )

    @abc.abstractmethod
    def parse(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
        *,
        training: bool = False,
        draw_all: bool = False,
    ) -> Parse:
        """Samples `P` explanations of each image from the posterior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]`, one an image: what an image gets
                then does not depend on the others.
            training: turns dropout on.
            draw_all: makes every stroke present, for `objectives.stopping`.

        Returns:
            A `Parse` with leading dimensions `[P, B]`.
        """

    @abc.abstractmethod
    def reconstruct(self, images: tf.Tensor) -> Drawing:
        """Explains each image once, without chance: the posterior's centre.

        Strokes go on while that is the likelier choice; layouts and control
        points are the means of their posteriors.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.

        Returns:
            A `Drawing` with leading dimension `[B]`.
        """

    @abc.abstractmethod
    def generate(
        self,
        num_drawings: int,
        temperature: float = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Samples drawings from the prior.

        Args:
            num_drawings: `B`.
            temperature: factor on the standard deviations of the prior's
                Gaussian components; scalar, or `[B]`.
            seed: int32 `[2]`, or `[B, 2]`, one a drawing.

        Returns:
            A `Drawing` with leading dimension `[B]`.
        """

    @abc.abstractmethod
    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Parses half-drawn images and lets the prior draw on (Fig. 8).

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_completions: `C`.
            temperature: as in `generate`; scalar, or `[B]`.
            seed: int32 `[2]`, or `[B, 2]`, one an image.

        Returns:
            A `Drawing` with leading dimensions `[C, B]`, of up to `2 T`
            strokes: those seen in the image, then those added.
        """

    @abc.abstractmethod
    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Draws the characters in images anew (Fig. 7, App. B.4).

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_exemplars: `E`.
            seed: int32 `[2]`, or `[B, 2]`, one an image.

        Returns:
            A `Drawing` with leading dimensions `[E, B]`.
        """

    @abc.abstractmethod
    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Draws strokes: `[..., T, H, W, 1]`, the canvas after each."""

    def checked(self, images: tf.Tensor) -> tf.Tensor:
        """Images in float32.

        Args:
            images: `[B, H, W, 1]` in [0, 1], of any type of number.

        Raises:
            ValueError: If there are other values; graphs do not look.
        """
        images = tf.cast(images, tf.float32)
        if tf.executing_eagerly():
            low, high = tf.reduce_min(images), tf.reduce_max(images)
            if not (low >= 0.0 and high <= 1.0):
                raise ValueError(
                    "Images must be in [0, 1], white ink on black, got values "
                    f"from {low:g} to {high:g}; divide bytes by 255."
                )
        return images

    def draw(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """The last canvas of `render` alone, `[..., H, W, 1]`."""
        return self.render(strokes, pen)[..., -1, :, :, :]

    def unroll(self) -> None:
        """Traces a step of inference anew for each stroke, as XLA needs.

        A step traced once for all hands the shapes in its graph to its
        gradient's; XLA then takes all inputs of the step for constants, and
        compiles anew whenever one changes. Models without such steps have
        nothing to do.
        """

    @property
    def pixel_scale(self) -> tf.Tensor:
        """The likelihood's scale of each pixel, `[H, W, 1]`."""
        floor = self.config.pixel_scale_floor
        if self.config.pixel_scale == "learned":
            return floor + (1.0 - floor) * tf.sigmoid(self.pixel_scale_logits)
        return tf.convert_to_tensor(self.running_pixel_scale)

    def log_likelihood(self, images: tf.Tensor, canvas: tf.Tensor) -> tf.Tensor:
        """The log density of images given canvases, in nats.

        Args:
            images: `[B, H, W, 1]`.
            canvas: `[..., B, H, W, 1]`.

        Returns:
            `[..., B]`.
        """
        return pixels.log_prob(
            images, canvas, self.pixel_scale, self.config.likelihood
        )
